# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of a virtual machine, from its creation to its end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.known import HELD, READY, Known
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.narration import Narrator, Told
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.own_changes import OwnFields
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.reach import DEFAULT_PATHS
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.telling import Teller

from .making import BEGAN, VM, addressed, at, created, deleted, updated, vm

KEY = (VM, 1)
NARRATOR = Narrator(
    Teller("netbox:https://netbox.example.com", DEFAULT_PATHS),
    {VM: ("primary_ip",)},
    3600,
    OwnFields("eventops_state", frozenset({"healed"})),
)
SET = {"primary_ip4": 1}


def kinds(told: Told) -> list[str]:
    """Return what kinds of events are told."""
    return [event.type.rpartition(".")[2] for event in told.events]


def story(*steps, known: Known | None = None, narrator: Narrator = NARRATOR) -> list[str]:
    """Return what is told of changes, each with the object as it is read then."""
    kinds_told = []
    for change, thing in steps:
        told = narrator.tell(change, thing, known)
        kinds_told += kinds(told)
        known = told.known
    return kinds_told


class TestAMachineThatGetsItsAddressLater:
    def test_is_created_and_then_ready_once(self):
        steps = (created(1), vm()), (updated(2, {}, SET), addressed()), (updated(3, SET, {**SET, "comments": "x"}), addressed())
        assert story(*steps) == ["created", "ready", "updated"]

    def test_nothing_is_told_of_its_updates_before(self):
        steps = (created(1), vm()), (updated(2, {}, {"comments": "x"}), vm()), (updated(3, {"comments": "x"}, {"comments": "y"}), vm())
        assert story(*steps) == ["created"]

    def test_a_change_read_late_is_not_taken_for_the_one_that_made_it_ready(self):
        # The source was down: the object has its address by the time its creation is read.
        steps = (created(1), addressed()), (updated(2, {}, {"comments": "x"}), addressed()), (updated(3, {}, SET), addressed())
        assert story(*steps) == ["created", "ready"]

    def test_ready_tells_how_it_is_reached_and_what_changed(self):
        known = NARRATOR.tell(created(1), vm(), None).known
        (event,) = NARRATOR.tell(updated(2, {}, SET), addressed(), known).events
        assert event.type == "netbox.virtualmachine.ready"
        assert event.hosts == ("web01",)
        assert event.connections == {"web01": {"ansible_host": "10.0.0.11", "ansible_user": "debian"}}
        assert event.data["changed"] == ["primary_ip4"]
        assert event.data["before"]["primary_ip4"] is None
        assert event.data["after"]["primary_ip4"] == 1
        assert (event.data["username"], event.data["request_id"]) == ("admin", "r2")
        assert event.data["object"]["primary_ip"]["address"] == "10.0.0.11/24"

    def test_it_stays_ready_when_it_loses_the_address_for_a_while(self):
        steps = (created(1), vm()), (updated(2, {}, SET), addressed()), (updated(3, SET, {}), vm()), (updated(4, {}, SET), addressed())
        assert story(*steps) == ["created", "ready", "updated", "updated"]

    def test_an_address_that_is_gone_again_by_the_time_it_is_read_makes_nothing_ready(self):
        steps = (created(1), vm()), (updated(2, {}, SET), vm()), (updated(3, SET, {}), vm())
        assert story(*steps) == ["created"]

    def test_leaving_is_told_of_one_that_never_was_ready(self):
        steps = (created(1), vm()), (updated(2, {}, {"status": "decommissioning"}), vm())
        assert story(*steps) == ["created", "updated"]


class TestAMachineThatIsLate:
    HELD = NARRATOR.tell(created(0), vm(), None).known

    def test_is_told_once_when_the_time_is_over(self):
        assert kinds(NARRATOR.look(KEY, vm(), self.HELD, BEGAN.timestamp() + 3599)) == []
        told = NARRATOR.look(KEY, vm(), self.HELD, BEGAN.timestamp() + 3600)
        assert kinds(told) == ["not_ready"]
        assert told.events[0].hosts == ()  # nothing can be reached there
        assert told.events[0].data["missing"] == ["primary_ip"]
        assert told.events[0].data["since"] == "2026-11-20T20:35:00Z"
        assert kinds(NARRATOR.look(KEY, vm(), told.known, BEGAN.timestamp() + 7200)) == []

    def test_is_ready_still_when_it_comes_later(self):
        late = NARRATOR.look(KEY, vm(), self.HELD, BEGAN.timestamp() + 3600).known
        assert story((updated(5000, {}, SET), addressed()), known=late) == ["ready"]

    @pytest.mark.parametrize("status", ["planned", "decommissioning"])
    def test_is_waited_for_by_nobody_while_it_is_not_to_be_there(self, status):
        assert kinds(NARRATOR.look(KEY, vm(status={"value": status}), self.HELD, BEGAN.timestamp() + 9999)) == []

    def test_has_its_time_from_when_it_is_to_be_there(self):
        known = NARRATOR.tell(created(0, status="planned"), vm(status={"value": "planned"}), None).known
        active = NARRATOR.tell(updated(9000, {"status": "planned"}, {"status": "active"}), vm(), known).known
        assert kinds(NARRATOR.look(KEY, vm(), active, BEGAN.timestamp() + 9000 + 3599)) == []
        assert kinds(NARRATOR.look(KEY, vm(), active, BEGAN.timestamp() + 9000 + 3600)) == ["not_ready"]

    def test_is_ready_when_what_netbox_computes_says_so(self):
        assert kinds(NARRATOR.look(KEY, addressed(), self.HELD, BEGAN.timestamp() + 10)) == ["ready"]

    def test_but_not_before_the_change_that_made_it_ready_is_read(self):
        ahead = addressed(last_updated=at(5).isoformat())
        assert kinds(NARRATOR.look(KEY, ahead, self.HELD, BEGAN.timestamp() + 10)) == []
        assert kinds(NARRATOR.look(KEY, ahead, self.HELD, BEGAN.timestamp() + 1000)) == ["ready"]  # the change log has lost it
        assert kinds(NARRATOR.look(KEY, ahead, replace(self.HELD, told_to=at(5.1).timestamp()), BEGAN.timestamp() + 10)) == ["ready"]


class TestAMachineThatWasThereBefore:
    def test_is_known_ready_or_held_without_a_word(self):
        assert NARRATOR.first_known(VM, addressed(), 0).state == READY
        assert NARRATOR.first_known(VM, vm(), 0).state == HELD

    def test_held_it_is_told_when_it_is_ready_and_never_that_it_is_late(self):
        known = NARRATOR.first_known(VM, vm(), 0)
        assert kinds(NARRATOR.look(KEY, vm(), known, 1e10)) == []
        assert story((updated(2, {}, SET), addressed()), known=known) == ["ready"]

    def test_of_which_nothing_is_known_is_judged_by_what_it_was_before_its_change(self):
        assert story((updated(2, SET, {**SET, "comments": "x"}), addressed())) == ["updated"]
        assert story((updated(2, {}, SET), addressed())) == ["ready"]
        assert story((updated(2, {}, {"comments": "x"}), vm())) == []


class TestWhatIsNoEvent:
    def test_an_update_that_changed_nothing(self):
        assert story((updated(2, SET, SET), addressed())) == []

    def test_what_does_not_exist(self):
        assert story((created(1), None), (updated(2, {}, SET), None)) == []

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({"custom_fields": {"a": 1}}, {"custom_fields": {"a": 1, "eventops_state": "resolved"}}),
            ({"tags": ["x"]}, {"tags": ["healed", "x"]}),
            ({"tags": ["healed"], "custom_fields": {}}, {"tags": [], "custom_fields": {"eventops_state": "exhausted"}}),
        ],
    )
    def test_what_we_wrote_ourselves(self, before, after):
        assert story((updated(2, {**SET, **before}, {**SET, **after}), addressed())) == []

    def test_but_what_somebody_changed_beside_it_is(self):
        after = {"custom_fields": {"a": 2, "eventops_state": "resolved"}}
        assert story((updated(2, {**SET, "custom_fields": {"a": 1}}, {**SET, **after}), addressed())) == ["updated"]
        assert story((updated(2, {**SET, "tags": []}, {**SET, "tags": ["healed", "y"]}), addressed())) == ["updated"]


class TestTheConfigContext:
    def known(self, **context):
        return NARRATOR.first_known(VM, addressed(config_context=context), 0)

    def cause(self, number: int = 5):
        return replace(updated(number, SET, SET), changed=("config_context",), before={}, after={}, is_consequence=True)

    def test_that_is_rendered_otherwise_is_an_update_of_the_machine(self):
        told = NARRATOR.tell(self.cause(), addressed(config_context={"a": 2}), self.known(a=1))
        assert kinds(told) == ["updated"]
        assert told.events[0].data["changed"] == ["config_context"]

    def test_that_is_rendered_the_same_is_none(self):
        assert story((self.cause(), addressed(config_context={"a": 1})), known=self.known(a=1)) == []

    def test_is_told_once(self):
        thing = addressed(config_context={"a": 2})
        assert story((self.cause(5), thing), (self.cause(6), thing), known=self.known(a=1)) == ["updated"]

    def test_is_not_lost_behind_what_we_write_ourselves(self):
        thing = addressed(config_context={"a": 2}, tags=[{"name": "healed"}])
        own = updated(4, SET, {**SET, "tags": ["healed"]})
        assert story((own, thing), (self.cause(5), thing), known=self.known(a=1)) == ["updated"]

    def test_is_not_lost_behind_another_update_of_a_machine_whose_own_was_never_read(self):
        thing = addressed(config_context={"a": 2}, comments="x")
        known = replace(self.known(), context=None)
        assert story((updated(4, SET, {**SET, "comments": "x"}), thing), (self.cause(5), thing), known=known) == ["updated", "updated"]

    def test_of_a_machine_that_is_not_ready_is_not_told(self):
        assert story((self.cause(), vm(config_context={"a": 2})), known=NARRATOR.first_known(VM, vm(), 0)) == []

    def test_is_named_beside_what_altered_it(self):
        (event,) = NARRATOR.tell(updated(3, SET, {**SET, "tags": ["db"]}), addressed(config_context={"a": 2}), self.known(a=1)).events
        assert event.data["changed"] == ["config_context", "tags"]
        (event,) = NARRATOR.tell(updated(3, SET, {**SET, "local_context_data": {"a": 1}}), addressed(), Known(state=READY)).events
        assert event.data["changed"] == ["config_context", "local_context_data"]


class TestTheEnd:
    def test_has_the_last_known_data(self):
        known = NARRATOR.first_known(VM, addressed(cluster={"id": 1, "name": "lab"}), 0)
        told = NARRATOR.tell(deleted(9, status="decommissioning"), None, known)
        assert kinds(told) == ["deleted"]
        assert told.known is None
        (event,) = told.events
        assert event.hosts == ("web01",)
        assert event.connections == {"web01": {"ansible_host": "10.0.0.11", "ansible_user": "debian"}}
        assert event.data["object"]["cluster"]["name"] == "lab"
        assert event.data["object"]["status"]["value"] == "decommissioning"
        assert event.data["before"]["status"] == "decommissioning"
        assert event.data["after"] is None

    def test_of_one_that_nothing_is_known_of_has_what_the_change_log_has(self):
        (event,) = NARRATOR.tell(deleted(9), None, None).events
        assert event.data["object"]["name"] == "web01"
        assert event.data["object"]["status"] == {"value": "active"}
        assert event.connections == {}


class TestIdentities:
    def test_each_change_has_its_own_and_ready_is_once_for_an_object(self):
        events = [
            NARRATOR.tell(created(1), addressed(), None).events[0],
            NARRATOR.tell(updated(2, {}, SET), addressed(), Known(state=HELD)).events[0],
            NARRATOR.tell(updated(3, {}, SET), addressed(), Known(state=HELD)).events[0],
            NARRATOR.tell(updated(4, SET, {**SET, "comments": "x"}), addressed(), Known(state=READY)).events[0],
        ]
        assert events[1].type == events[2].type == "netbox.virtualmachine.ready"
        assert events[1].id == events[2].id
        assert len({event.id for event in events}) == 3

    def test_updates_of_other_fields_are_other_cases(self):
        comments = NARRATOR.tell(updated(4, SET, {**SET, "comments": "x"}), addressed(), Known(state=READY)).events[0]
        again = NARRATOR.tell(updated(5, SET, {**SET, "comments": "y"}), addressed(), Known(state=READY)).events[0]
        tags = NARRATOR.tell(updated(6, SET, {**SET, "tags": ["x"]}), addressed(), Known(state=READY)).events[0]
        assert comments.dedup_key == again.dedup_key
        assert comments.dedup_key != tags.dedup_key
