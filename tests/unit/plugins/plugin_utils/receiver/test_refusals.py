# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.refusals import Refusals


def test_a_refusal_is_told_once_a_minute_with_how_many_there_were(caplog):
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    for _time in range(5):
        refusals.say("/netbox", "192.0.2.7", "the signature does not match")
    refusals.say("/other", None, "no token")
    now[0] = 60.0
    refusals.say("/netbox", "192.0.2.7", "the signature does not match")
    assert [record.getMessage() for record in caplog.records] == [
        "a delivery to /netbox from 192.0.2.7 was refused: the signature does not match",
        "a delivery to /other from an unknown address was refused: no token",
        "a delivery to /netbox from 192.0.2.7 was refused: the signature does not match, and 4 more since the last such line",
    ]
