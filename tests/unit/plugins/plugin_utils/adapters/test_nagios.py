# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.nagios_notification import HOST_CHECK, OTHER_TYPES
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from hypothesis import given
from hypothesis import strategies as st

from .examples import CONTEXT, EXAMPLES, read

SERVICE = EXAMPLES["nagios"].payload["payload"]
HOST = {
    "notificationtype": "PROBLEM",
    "timet": "1769860800",
    "hostname": "web-01",
    "hostaddress": "192.0.2.11",
    "hoststate": "DOWN",
    "hoststatetype": "HARD",
    "hostoutput": "CRITICAL - Host Unreachable (192.0.2.11)",
    "lasthoststatechange": "1769860700",
    "hostproblemid": "18",
    "lasthostproblemid": "0",
}


def event(given, settings=None, **changes):
    [found] = read({"payload": {**given, **changes}}, {"nagios": settings or {}})
    return found.with_content(found.data, {})  # `extra` is the payload, as it came


def test_a_host_that_is_down():
    down = event(HOST)
    assert (down.type, down.severity, down.hosts, down.data["name"], down.data["check"]) == ("alert.firing", "critical", ("web-01",), HOST_CHECK, "host")
    assert (down.data["summary"], down.data["problem_id"], down.data["starts_at"]) == (HOST["hostoutput"], "18", "2026-01-31T11:58:20Z")


@pytest.mark.parametrize("problem", [HOST, SERVICE])
def test_a_recovery_ends_the_problem(problem):
    what = "service" if "servicedesc" in problem else "host"
    over = {f"{what}state": "UP" if what == "host" else "OK", f"{what}problemid": "0", f"last{what}problemid": problem[f"{what}problemid"]}
    recovery = event(problem, notificationtype="RECOVERY", timet="1769861400", **over)
    assert (recovery.type, recovery.severity, recovery.time) == ("alert.resolved", "info", "2026-01-31T12:10:00Z")
    assert recovery.dedup_key == event(problem).dedup_key
    assert recovery.data["problem_id"] == problem[f"{what}problemid"]


@pytest.mark.parametrize("kind", ["PROBLEM", "RECOVERY", "DOWNTIMESTART"])
def test_two_that_are_as_they_were_installed_have_problems_of_their_own(kind):
    load = {"hostname": "localhost", "servicedesc": "Current Load", "notificationtype": kind}
    events = [event(SERVICE, settings, **load) for settings in ({}, {"origin": "berlin"}, {"origin": "oslo"})]
    assert len({found.dedup_key for found in events}) == len({found.data["fingerprint"] for found in events}) == 3
    assert kind == "DOWNTIMESTART" or event(SERVICE, {"origin": "oslo"}, **load | {"notificationtype": "PROBLEM"}).dedup_key == events[2].dedup_key


def test_a_problem_that_gets_worse_stays_one_problem():
    warning = event(SERVICE, servicestate="WARNING", serviceproblemid="16")
    assert warning.severity == "warning" and warning.dedup_key == event(SERVICE).dedup_key


def test_a_host_and_a_service_that_is_called_like_its_check_are_two():
    assert event(HOST).dedup_key != event(SERVICE, servicedesc=HOST_CHECK).dedup_key


@pytest.mark.parametrize(
    ("state", "severity"),
    [("CRITICAL", "critical"), ("WARNING", "warning"), ("UNKNOWN", "warning"), ("OK", "info"), ("", "warning"), ("strange", "warning")],
)
def test_states_of_services(state, severity):
    assert event(SERVICE, servicestate=state).severity == severity


@pytest.mark.parametrize(("state", "severity"), [("DOWN", "critical"), ("UNREACHABLE", "error"), ("UP", "info")])
def test_states_of_hosts(state, severity):
    assert event(HOST, hoststate=state).severity == severity


def test_the_rulebook_says_what_a_state_means():
    assert event(SERVICE, {"severity": {"map": {"CRITICAL": "error"}}}).severity == "error"


@pytest.mark.parametrize(("notification", "type_"), OTHER_TYPES.items())
def test_the_other_notifications_are_changes_about_the_same_host(notification, type_):
    first = event(SERVICE, notificationtype=notification, serviceackauthor="ada", serviceackcomment="looking")
    second = event(SERVICE, notificationtype=notification, servicedesc="SSH")
    assert (first.type, kind_of(first.type), first.hosts) == (type_, "change", ("web-01",))
    assert (first.data["name"], first.data["author"], first.data["comment"]) == ("HTTP", "ada", "looking")
    assert len({first.dedup_key, second.dedup_key, event(HOST, notificationtype=notification).dedup_key, event(SERVICE).dedup_key}) == 4


@pytest.mark.parametrize("service", ["", None, "$SERVICEDESC$"])
def test_a_macro_that_has_no_value_is_absent(service):
    assert event(HOST, servicedesc=service, hostackcomment="$HOSTACKCOMMENT$") == event(HOST, servicedesc="")
    assert "comment" not in event(HOST, hostackcomment="$HOSTACKCOMMENT$").data


@pytest.mark.parametrize("timet", ["", "0", "noon", "99999999999999999999", "٣", None, -5])
def test_a_time_that_is_none_is_when_it_came(timet):
    assert event(HOST, timet=timet).time == CONTEXT.received_at


def test_numbers_may_be_numbers():
    assert event(HOST, timet=1769861400, hostproblemid=18) == event(HOST, timet="1769861400")


def test_an_address_that_is_known_is_better_than_a_name_that_is_not():
    context = replace(CONTEXT, inventory=Snapshot({"web": {"ansible_host": "192.0.2.11"}}, addresses={"192.0.2.11": "web"}))
    [found] = read({"payload": HOST}, "nagios", context)
    assert found.hosts == ("192.0.2.11",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"notificationtype": "PANIC"}, "notificationtype: must be one of PROBLEM, RECOVERY, ACKNOWLEDGEMENT, .* got the string 'PANIC'"),
        ({"notificationtype": None}, "notificationtype: .* got nothing"),
        ({"hostname": ""}, "hostname: must be what Nagios says for"),
    ],
)
def test_what_is_broken_is_named(changes, message):
    with pytest.raises(InvalidEvent, match=message):
        event(HOST, **changes)


NAMES = st.text("ab/ -\u00e4", min_size=1, max_size=4)


@given(NAMES, NAMES | st.just(""), NAMES, NAMES | st.just(""), st.sampled_from(["PROBLEM", "RECOVERY"]))
def test_two_problems_never_share_a_key(host, service, other_host, other_service, kind):
    first = event(SERVICE, hostname=host, servicedesc=service)
    second = event(SERVICE, hostname=other_host, servicedesc=other_service, notificationtype=kind)
    assert (first.dedup_key == second.dedup_key) == ((host, service) == (other_host, other_service))
