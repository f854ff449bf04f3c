# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Instance, Measured
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.progress import progress


def group(*instances, desired=None, **others):
    serving = sum(each.state in ("in_service", "warming") and each.healthy for each in instances)
    return Measured(desired=len(instances) if desired is None else desired, instances=instances, serving=serving, **others)


A, B, C = (Instance(name) for name in "abc")


def test_it_has_arrived_when_all_serve_and_says_who_came_and_went():
    grown = progress(group(A, B), group(A, C, B), 3)
    assert (grown.arrived, grown.came, grown.went, grown.missing) == (True, ("c",), (), "")
    shrunk = progress(group(A, B, C), group(A, C, Instance("b", "stopping"), desired=2), 2)
    assert (shrunk.arrived, shrunk.came, shrunk.went) == (True, (), ("b",))


def test_what_starts_or_is_not_healthy_has_not_arrived():
    for newest in (Instance("c", "starting"), Instance("c", healthy=False)):
        found = progress(group(A, B), group(A, B, newest), 3)
        assert not found.arrived
        assert found.missing == "2 instances are in service and healthy, and 3 were expected"


def test_what_warms_up_has_arrived():
    assert progress(group(A), group(A, Instance("b", "warming")), 2).arrived


def test_what_somebody_else_has_set_meanwhile_is_said():
    assert progress(group(A, B), group(A, B), 3).missing == "somebody else has set it to 2 instances meanwhile"


def test_what_the_group_says_of_a_failure_is_passed_on():
    assert progress(group(A), group(A, desired=2, trouble="no capacity"), 2).missing.endswith("expected; it says: no capacity")


def test_a_count_is_enough():
    assert progress(Measured(desired=2, serving=2), Measured(desired=3, serving=3), 3).arrived
