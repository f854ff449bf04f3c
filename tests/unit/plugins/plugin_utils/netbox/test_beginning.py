# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has rested since the place that is read on from."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.beginning import _has_rested

from .making import at


@pytest.mark.parametrize(
    ("thing", "has_rested"),
    [
        ({"last_updated": "2026-11-20T20:35:00Z"}, True),
        ({"last_updated": "2026-11-20T20:35:05Z"}, True),
        ({"last_updated": "2026-11-20T20:35:05.000001Z"}, False),
        ({"last_updated": None}, False),
        ({"last_updated": "x"}, False),
        ({}, False),
    ],
)
def test_an_object_has_rested_when_it_is_older_than_the_place(thing, has_rested):
    assert _has_rested(thing, at(5)) is has_rested
