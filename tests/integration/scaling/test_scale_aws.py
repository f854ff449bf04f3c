# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook scale on an Auto Scaling group that really changes."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.integration.scaling.group import Group


def test_a_group_grows_by_one_is_verified_and_is_left_alone_within_the_cooldown(aws, site):
    group = Group(aws, site)
    aws.set_groups(warm_up=2)
    before = group.instances

    run = group.scale(scale_direction="out")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert group.desired == 3
    (came,) = set(group.instances) - set(before)
    assert f"web has been scaled from 2 to 3 instances. Came: {came}. Went: none" in run.text
    assert "direction=out from=2 to=3" in group.record

    aws.forget_calls()
    again = group.scale(scale_direction="out")

    assert again.rc == 0, again.output
    assert again.of("changed") == {"localhost": 0}
    assert group.was_set == 0
    assert "web is left as it is: it was last changed at" in again.text
