# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long is waited when NetBox fails."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NetBoxDenied, NetBoxUnavailable, NoSuchEndpoint
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.watching import _pause


@pytest.mark.parametrize("error", [NetBoxUnavailable("x"), NoSuchEndpoint("x"), IntakeUnavailable("x")])
def test_the_pauses_grow_up_to_a_minute(error):
    for failures, seconds in enumerate([1, 2, 4, 8, 16, 32, 60, 60, 60]):
        assert seconds * 0.9 <= _pause(error, failures) <= seconds * 1.1
    assert _pause(error, 10_000) <= 66


def test_what_a_person_has_to_mend_is_not_tried_over_and_over():
    assert _pause(NetBoxDenied("x"), 0) == 300


def test_netbox_can_ask_for_a_longer_pause_within_reason():
    assert _pause(NetBoxUnavailable("x", 120), 0) == 120
    assert _pause(NetBoxUnavailable("x", 1e9), 0) == 600
    assert _pause(NetBoxUnavailable("x", 0), 6) >= 54
