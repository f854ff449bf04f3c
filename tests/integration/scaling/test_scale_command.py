# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook scale on a fleet that programs measure and set."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.integration.scaling.fleet import Fleet


def test_a_fleet_grows_by_one_is_verified_and_is_left_alone_within_the_cooldown(site):
    fleet = Fleet(site, 2, takes=2)
    fleet.inventory()

    run = fleet.scale(scale_direction="out")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert fleet.sets == ["set size=3"]
    assert fleet.state()["desired"] == 3
    assert "fleet has been scaled from 2 to 3 instances. Came: node-3. Went: none" in run.text
    assert fleet.record.stat().st_mode & 0o777 == 0o600

    again = fleet.scale(scale_direction="out")

    assert again.rc == 0, again.output
    assert again.of("changed") == {"localhost": 0}
    assert fleet.sets == ["set size=3"]
    assert "fleet is left as it is: it was last changed at" in again.text
