# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the double of NetBox has for tests: transactions, faults, versions, a clock, and a word where it does not know NetBox well enough."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import threading
import time
import urllib.error
from datetime import UTC, datetime, timedelta

import pynetbox
import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.doubles.netbox.errors import Refused
from ansible_collections.eventops.infra.tests.integration.netbox.lab import ADDRESS, INTERFACE, VM, VMS, Api, make_lab, make_vm

LOG = "core/object-changes"


@pytest.fixture
def netbox():
    with running_netbox() as double:
        double.lab = make_lab(double)
        yield double


@pytest.fixture
def api(netbox):
    return Api(netbox.url, netbox.token)


def created(netbox):
    """Return the names of the VMs that the change log says were created."""
    return [row["object_repr"] for row in netbox.changes(changed_object_type=VM, action="create")]


def test_transactions_that_overlap_are_committed_in_another_order_than_their_ids(netbox):
    cluster = netbox.lab["cluster"]
    first, second = netbox.begin(), netbox.begin()
    first.create(VM, name="first", cluster=cluster)
    second.create(VM, name="second", cluster=cluster)
    second.commit()
    assert created(netbox) == ["second"] and netbox.find(VM, name="first") is None
    first.commit()
    assert created(netbox) == ["first", "second"]
    with pytest.raises(ZeroDivisionError), netbox.transaction() as third:
        third.create(VM, name="third", cluster=cluster)
        1 / 0  # noqa: B018
    netbox.create(VM, name="fourth", cluster=cluster)
    assert created(netbox) == ["first", "second", "fourth"]
    assert [vm["id"] for vm in netbox.virtual_machines] == [1, 2, 4]


def test_a_reader_with_a_cursor_misses_what_a_reader_with_an_overlap_sees(netbox, api):
    """The race of a bulk request with writers beside it, which NetBox was measured to have."""
    cluster = netbox.lab["cluster"]
    netbox.write_pause = 0.002
    bulk = threading.Thread(target=lambda: api.ask("POST", f"{VMS}/", [{"name": f"bulk{number:02}", "cluster": cluster} for number in range(40)]))
    bulk.start()
    by_cursor, last = [], 0
    for number in itertools.count():
        netbox.write_pause = 0.002
        api.post(VMS, name=f"beside{number}", cluster=cluster)
        rows = api.results(f"{LOG}/?id__gt={last}&ordering=id&limit=1000&changed_object_type={VM}")
        by_cursor += [row["object_repr"] for row in rows]
        last = max([last, *(row["id"] for row in rows)])
        if not bulk.is_alive():
            break
    bulk.join()
    missed = set(created(netbox)) - set(by_cursor)
    assert missed and all(name.startswith("bulk") for name in missed)
    start = min(row["time"] for row in netbox.changes(changed_object_type=VM))
    assert {row["object_repr"] for row in api.results(f"{LOG}/?time_after={start}&limit=1000&changed_object_type={VM}")} == set(created(netbox))


def test_commits_of_the_api_are_held_until_they_are_let_go(netbox, api):
    with netbox.hold_commits():
        writer = threading.Thread(target=lambda: api.post(VMS, name="held", cluster=netbox.lab["cluster"]))
        writer.start()
        time.sleep(0.05)
        assert netbox.find(VM, name="held") is None and writer.is_alive()
    writer.join(10)
    assert created(netbox) == ["held"]


def test_what_is_wrong_is_told_by_field_and_changes_nothing(netbox, api):
    cluster = netbox.lab["cluster"]
    vm = make_vm(netbox, netbox.lab, "web01", "10.0.0.11/24")
    other = netbox.create(INTERFACE, virtual_machine=netbox.create(VM, name="web02", cluster=cluster)["id"], name="eth0")["id"]
    foreign = netbox.create(ADDRESS, address="10.0.0.12/24", assigned_object_type=INTERFACE, assigned_object_id=other)["id"]
    rows = len(netbox.changes())
    refused = [
        ("POST", f"{VMS}/", {}, "name"), ("POST", f"{VMS}/", {"name": "x" * 65, "cluster": cluster}, "name"), ("POST", f"{VMS}/", {"name": "x"}, "cluster"),
        ("POST", f"{VMS}/", {"name": "x", "cluster": 99}, "cluster"), ("POST", f"{VMS}/", {"name": "WEB01", "cluster": cluster}, "__all__"),
        ("PATCH", f"{VMS}/{vm}/", {"status": "dead"}, "status"), ("PATCH", f"{VMS}/{vm}/", {"primary_ip4": foreign}, "primary_ip4"),
        ("PATCH", f"{VMS}/{vm}/", {"custom_fields": {"nobody": 1}}, "custom_fields"), ("PUT", f"{VMS}/{vm}/", {"comments": "x"}, "name"),
        ("POST", "ipam/ip-addresses/", {"address": "10.0.0.300"}, "address"), ("POST", "dcim/sites/", {"name": "x", "slug": "not a slug"}, "slug"),
        ("POST", "extras/event-rules/", {"name": "x", "object_types": ["no.such"], "event_types": ["object_created"], "action_type": "webhook",
                                         "action_object_type": "extras.webhook", "action_object_id": 1}, "object_types"),
    ]  # fmt: skip
    for method, path, body, field in refused:
        answer = api.ask(method, path, body)
        assert answer.status == 400 and list(answer.body) == [field], (method, path, body, answer.body)
    assert api.ask("DELETE", f"virtualization/clusters/{cluster}/").status == 409
    assert len(netbox.changes()) == rows
    with pytest.raises(Refused, match="This field is required"):
        netbox.create(VM)


def test_faults_hit_what_they_are_told_to_and_so_often(netbox, api):
    netbox.fail(503, times=2, headers={"Retry-After": "7"})
    answers = [api.ask("GET", "status/") for _turn in range(3)]
    assert [answer.status for answer in answers] == [503, 503, 200] and answers[0].headers["Retry-After"] == "7"
    with netbox.fail(403, methods=["GET"], path="object-changes"):
        assert [api.ask("GET", path).status for path in (f"{LOG}/", f"{VMS}/")] == [403, 200]
    assert api.ask("GET", f"{LOG}/").status == 200
    with netbox.fail(drop=True), pytest.raises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
        api.ask("GET", "status/")
    # The answer is lost, and not what it was about.
    with netbox.fail(500, after=True):
        assert api.ask("POST", f"{VMS}/", {"name": "there", "cluster": netbox.lab["cluster"]}).status == 500
    assert created(netbox) == ["there"]
    netbox.fail(delay=0.05, times=1)
    start = time.monotonic()
    assert api.ask("GET", "status/").status == 200 and time.monotonic() - start >= 0.05
    with netbox.down(), pytest.raises(urllib.error.URLError):
        api.ask("GET", "status/")
    netbox.fail(500)
    netbox.heal()
    assert api.ask("GET", "status/").status == 200
    assert netbox.counted()["GET", "/api/status/"] == 6 and netbox.requests[0].status == 503


def test_a_double_that_hangs_is_ended_all_the_same():
    start = time.monotonic()
    with running_netbox() as double:
        double.fail(hang=3600)
        hanging = threading.Thread(target=lambda: pytest.raises(OSError, Api(double.url, double.token).ask, "GET", "status/"))
        hanging.start()
        while not double.faults.hit("GET", "/"):
            time.sleep(0.01)
        time.sleep(0.05)
    hanging.join(10)
    assert not hanging.is_alive() and time.monotonic() - start < 10


def test_netbox_is_upgraded_while_it_runs(netbox, api):
    netbox.version = "4.0.3"
    old = Api(netbox.url, netbox.token_v1)
    assert [old.ask("GET", f"{app}/object-changes/").status for app in ("extras", "core")] == [200, 404]
    assert "start_on_boot" not in old.post(VMS, name="old", cluster=netbox.lab["cluster"])
    assert api.ask("GET", "status/").status == 403
    netbox.version = "4.6.8"
    assert [old.ask("GET", f"{app}/object-changes/").status for app in ("extras", "core")] == [404, 200]
    answer = api.ask("GET", f"{VMS}/1/")
    assert answer.body["start_on_boot"]["value"] == "off" and answer.headers["API-Version"] == "4.6"


def test_an_hour_passes_when_the_clock_says_so(netbox):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    netbox.now = lambda: start
    netbox.create(VM, name="early", cluster=netbox.lab["cluster"])
    netbox.now = lambda: start + timedelta(hours=1)
    netbox.create(VM, name="late", cluster=netbox.lab["cluster"])
    assert [row["time"] for row in netbox.changes(changed_object_type=VM)] == ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"]
    assert netbox.prune_before(start + timedelta(minutes=30)) == 1
    assert created(netbox) == ["late"]


def test_ten_thousand_changes_take_seconds(netbox):
    start = time.monotonic()
    numbers = [netbox.create(VM, name=f"vm{number}", cluster=netbox.lab["cluster"])["id"] for number in range(1000)]
    for turn in range(9):
        for number in numbers:
            netbox.update(VM, number, comments=str(turn))
    assert len(netbox.database.changes) > 10_000 and time.monotonic() - start < 60


def test_a_filter_that_only_the_double_does_not_know_is_no_silent_success(netbox, api):
    answer = api.ask("GET", f"{VMS}/?contact=1")
    assert answer.status == 501 and "contact" in answer.body["detail"]
    assert api.ask("GET", f"{LOG}/?related_object_id=1").status == 501


def test_pynetbox_speaks_with_it(netbox):
    for token in (netbox.token, netbox.token_v1):
        client = pynetbox.api(netbox.url, token=token, strict_filters=True)
        assert client.version == "4.6" and client.status()["netbox-version"] == "4.6.8"
        with pytest.raises(pynetbox.ParameterValidationError):
            client.core.object_changes.filter(time__gt="2026-01-01")
        name = f"of a token of {len(token)} characters"
        vm = client.virtualization.virtual_machines.create(name=name, cluster=netbox.lab["cluster"])
        assert vm.update({"comments": "x"}) and client.virtualization.virtual_machines.get(name=name).comments == "x"
        rows = client.core.object_changes.filter(changed_object_id=vm.id, changed_object_type=VM, ordering="id")
        assert [row.action.value for row in rows] == ["create", "update"]
        assert vm.delete() and client.virtualization.virtual_machines.get(vm.id) is None


def test_it_is_used_from_an_event_loop_as_well():
    async def story():
        with running_netbox() as double:
            lab = make_lab(double)
            await asyncio.to_thread(Api(double.url, double.token).post, VMS, name="web01", cluster=lab["cluster"])
            return created(double)

    assert asyncio.run(story()) == ["web01"]


def test_lists_are_answered_by_the_version(netbox, api):
    cluster = netbox.lab["cluster"]
    bad = [{"name": "good", "cluster": cluster}, {"name": "bad", "cluster": 99}, {"cluster": cluster}]
    assert list(api.ask("POST", f"{VMS}/", bad).body) == ["cluster"]
    vm = make_vm(netbox, netbox.lab, "web01")
    patch = [{"id": vm, "comments": "x"}, {"id": 99, "comments": "x"}]
    assert [found["id"] for found in api.ask("PATCH", f"{VMS}/", patch).body] == [vm]
    netbox.create("extras.customfield", name="size", type="select", object_types=[VM])
    netbox.update(VM, vm, custom_fields={"size": "small"})
    assert api.get(f"{VMS}/{vm}/")["custom_fields"]["size"] == "small"
    netbox.version = "4.7.0"
    assert [error["index"] for error in api.ask("POST", f"{VMS}/", bad).body["errors"]] == [1, 2]
    assert [error["id"] for error in api.ask("PATCH", f"{VMS}/", patch).body["errors"]] == [99]
    assert api.get(f"{VMS}/{vm}/")["custom_fields"]["size"] == {"value": "small", "label": "small"}
    assert api.get("authentication-check/")["username"] == "admin"
