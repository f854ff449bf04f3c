# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The token of an administrator goes to the NetBox that was named, and nowhere else."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBox, NetBoxError
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.netbox.answering import answering


def test_pages_that_go_on_elsewhere_are_not_read_there():
    with answering() as server, answering() as elsewhere:
        server.body = {"count": 9, "results": [{"id": 1}], "next": f"{elsewhere.url}/api/users/users/?offset=1"}
        with pytest.raises(NetBoxError, match="netbox_url must be where NetBox says"):
            NetBox(server.url, "a" * 40).find("users/users")
        assert elsewhere.asked == []


def test_pages_that_go_on_here_are_read():
    with answering() as server:
        server.body = {"count": 1, "results": [{"id": 1}], "next": None}
        assert NetBox(server.url, "a" * 40).find("users/users") == [{"id": 1}]
