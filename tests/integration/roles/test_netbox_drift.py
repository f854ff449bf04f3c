# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook netbox_drift on this machine under other names: NetBox has what its facts say, and then one thing otherwise."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.netbox import Running, running_netbox
from ansible_collections.eventops.infra.tests.integration.roles.conftest import COLLECTIONS
from ansible_collections.eventops.infra.tests.integration.roles.documented import Documentation, Machine, ask_this_machine
from ansible_collections.eventops.infra.tests.integration.roles.lying import lying
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

# Enough for everything here, and no more.
READS = {name: ["view"] for name in ("virtualization.virtualmachine", "dcim.device", "ipam.ipaddress", "dcim.platform")}
CORRECTS = {**READS, "virtualization.virtualmachine": ["view", "change"], "extras.journalentry": ["add"]}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return ask_this_machine(environment(collections=COLLECTIONS, state=tmp_path_factory.mktemp("ansible")))


@pytest.fixture
def netbox() -> Iterator[Running]:
    with running_netbox() as netbox:
        yield netbox


@pytest.fixture
def documentation(netbox: Running, machine: Machine) -> Documentation:
    return Documentation(netbox, machine)


class Drift:
    """The playbook at a site whose hosts are this machine, each with a cluster of its own in NetBox."""

    def __init__(self, site: Site, netbox: Running, machine: Machine) -> None:
        self.site = site
        self.netbox = netbox
        self.machine = machine
        self.token = netbox.add_user("drift", CORRECTS)
        self.report = site.directory / "report.json"

    def hosts(self, *clusters: str, **others: dict) -> None:
        own = {f"in-{cluster}": {"netbox_drift_name": self.machine.name, "netbox_drift_cluster": cluster} for cluster in clusters}
        self.site.inventory({"localhost": {}, **own, **others})

    def compare(self, *hosts: str, options: tuple[str, ...] = (), **variables: object) -> Run:
        given = {"netbox_drift_url": self.netbox.url, "netbox_drift_fields": self.machine.fields, "netbox_drift_report": str(self.report), **variables}
        token = given.pop("netbox_drift_token", self.token)
        return self.site.play("eventops.infra.netbox_drift", *options, limit=",".join(hosts), variables=given, NETBOX_TOKEN=token)

    def results(self) -> dict[str, dict]:
        return {each["host"]: each for each in json.loads(self.report.read_text())["hosts"]}

    def written(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.netbox.requests if asked.method != "GET"]


@pytest.fixture
def drift(site: Site, netbox: Running, machine: Machine) -> Drift:
    return Drift(site, netbox, machine)


def test_a_host_as_it_is_documented(drift, documentation, machine):
    vm = documentation.add("a")
    drift.hosts("a")

    run = drift.compare("in-a", netbox_drift_fail=True, netbox_drift_correct=["vcpus", "memory", "disk", "platform"])

    assert run.rc == 0, run.output
    assert "as documented: 1, not: 0" in run.text
    [result] = drift.results().values()
    assert {each["field"]: each["state"] for each in result["fields"]} == dict.fromkeys(machine.fields, "same")
    assert (result["object"]["object_type"], result["object"]["id"]) == ("virtualization.virtualmachine", vm)
    assert run.of("changed") == {"in-a": 0}
    assert drift.written() == []


def test_one_thing_after_the_other_that_differs(drift, documentation, machine):
    other = documentation.netbox.create("dcim.platform", name="Plan 9", slug="plan-9")["id"]
    more = [*machine.measured.addresses, "203.0.113.77/32"]
    wrong = {
        "name": {"name": "another"},
        "addresses": {"addresses": more},
        "primary_address": {"addresses": more, "primary": "203.0.113.77/32"},
        "vcpus": {"vcpus": machine.measured.vcpus + 1},
        "memory": {"memory": machine.measured.memory_mb * 2},
        "disk": {"disk": (machine.measured.disk_bytes or 0) // 10**6 * 2 + 1},
        "platform": {"platform": other},
    }
    wrong = {field: differences for field, differences in wrong.items() if field in machine.fields}
    for field, differences in wrong.items():
        documentation.add(field, **differences)
    drift.site.inventory(
        {f"in-{field}": {"netbox_drift_name": differences.get("name", machine.name), "netbox_drift_cluster": field} for field, differences in wrong.items()}
    )

    run = drift.compare(*[f"in-{field}" for field in wrong], netbox_drift_fail=True)

    found = {host.removeprefix("in-"): result["remaining"] for host, result in drift.results().items()}
    assert found == {field: ["addresses", "primary_address"] if field == "primary_address" else [field] for field in wrong}
    assert run.of("failed") == {f"in-{field}": 1 for field in wrong}
    assert drift.written() == []
    # One request for all names of a kind, and one for all addresses.
    assert {path: count for (_method, path), count in drift.netbox.counted().items()} == {
        "/api/status/": 1,
        "/api/virtualization/virtual-machines/": 1,
        "/api/dcim/devices/": 1,
        "/api/ipam/ip-addresses/": 1,
    }


def test_what_is_asked_for_is_corrected_once(drift, documentation, machine, netbox):
    other = netbox.create("dcim.platform", name="Plan 9", slug="plan-9")["id"]
    vm = documentation.add("a", vcpus=machine.measured.vcpus + 1, memory=machine.measured.memory_mb * 2, platform=other, addresses=[])
    correct = {"netbox_drift_correct": ["vcpus", "memory", "platform"]}
    drift.hosts("a")

    would = drift.compare("in-a", options=("--check", "--diff"), **correct)

    assert would.rc == 0, would.output
    assert (would.of("changed"), drift.written()) == ({"in-a": 1}, [])
    assert "would be corrected in NetBox to" in would.text
    assert "not: 1, would be corrected in NetBox: 1" in would.text
    assert '- "platform": "Plan 9"' in would.text and f'+ "platform": "{machine.measured.platforms[0]}"' in would.text
    assert not drift.report.exists()

    did = drift.compare("in-a", **correct)

    assert did.rc == 0, did.output
    assert did.of("changed") == {"in-a": 1}
    assert drift.written() == [f"PATCH /api/virtualization/virtual-machines/{vm}/", "POST /api/extras/journal-entries/"]
    [result] = drift.results().values()
    assert set(result["corrected"]) == {"vcpus", "memory", "platform"}
    now = netbox.get("virtualization.virtualmachine", vm)
    expected = machine.documentation()
    assert (now["vcpus"], now["memory"], now["platform"]["name"]) == (expected["vcpus"], expected["memory"], machine.measured.platforms[0])
    [entry] = netbox.journal_entries
    assert (entry["assigned_object_id"], entry["kind"]["value"]) == (vm, "info")
    assert f"vcpus from {machine.measured.vcpus + 1} to {machine.measured.vcpus}; memory from" in entry["comments"]

    again = drift.compare("in-a", **correct)

    assert again.rc == 0, again.output
    assert again.of("changed") == {"in-a": 0}
    assert len(drift.written()) == 2
    [result] = drift.results().values()
    assert result["remaining"] == [field for field in ("addresses", "primary_address") if field in machine.fields], "addresses are only reported"


def test_a_host_that_netbox_does_not_have_and_one_that_it_has_twice(drift, documentation, machine):
    documentation.add("a")
    documentation.add("b")
    drift.hosts(twice={"netbox_drift_name": machine.name}, unknown={})

    run = drift.compare("twice", "unknown")

    assert run.of("failed") == {"twice": 1, "unknown": 0}
    assert f"twice was not compared. 2 objects of NetBox have the name {machine.name}: virtualization.virtualmachine 1 (cluster a)" in run.text
    assert "not documented in NetBox" in run.text
    assert drift.results()["unknown"]["documented"] is False
    assert drift.compare("unknown", netbox_drift_fail=True).of("failed") == {"unknown": 1}


def test_a_refused_token_is_told_for_every_host_and_never_shown(drift, documentation, netbox):
    documentation.add("a")
    documentation.add("b")
    drift.hosts("a", "b")
    wrong = "nbt_AbCdEf123456.0123456789abcdefghijklmnopqrstuvwxyz0123"

    refused = drift.compare("in-a", "in-b", options=("-vvvv",), netbox_drift_token=wrong)
    let_in = drift.compare("in-a", options=("-vvvv",), netbox_drift_token=netbox.token_v1)

    assert refused.of("failed") == {"in-a": 1, "in-b": 1}
    assert "was answered with 403" in refused.text and "Check that the token is right" in refused.text
    assert wrong.partition(".")[2] not in refused.output
    assert let_in.rc == 0, let_in.output
    assert netbox.token_v1 not in let_in.output


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"netbox_drift_url": ""}, "netbox_drift_url must be the address of NetBox"),
        ({"netbox_drift_token": ""}, "netbox_drift_token must be a token of NetBox"),
        ({"netbox_drift_report": "/tmp/report.pdf"}, "must name files that end in .html, .json or .md"),
        ({"netbox_drift_memory_tolerance": 80}, "must be from 0 to 50 percent"),
        ({"netbox_drift_correct": ["addresses"]}, "netbox_drift_correct"),
    ],
)
def test_a_wrong_input_is_refused(drift, variables, says):
    drift.hosts("a")

    run = drift.compare("in-a", **variables)

    assert run.of("failed") == {"in-a": 1}
    assert says in run.text
    assert drift.netbox.requests == []


def test_it_needs_a_limit(drift, documentation):
    drift.hosts("a", "b")

    run = drift.site.play("eventops.infra.netbox_drift", variables={"netbox_drift_url": drift.netbox.url, "netbox_drift_token": drift.token})

    assert "No limit is set" in run.text
    assert drift.netbox.requests == []


def test_a_host_that_lies_reaches_nothing(drift, documentation, netbox, machine):
    """A python of the host's own answers with whatever it likes; NetBox's texts are hostile, too."""
    bait = f"{{{{ lookup('pipe', 'touch {drift.site.directory}/PWNED') }}}}"
    tag = "<script>alert(1)</script>"
    facts = {
        "ansible_hostname": bait,
        "ansible_fqdn": tag,
        "ansible_distribution": f"Debian{tag}",
        "ansible_distribution_major_version": bait,
        "ansible_processor_vcpus": 10**12,
        "ansible_memtotal_mb": bait,
        "ansible_devices": {bait: {"sectors": "9" * 40, "sectorsize": bait}, "vda": {"sectors": 10**17, "sectorsize": "512"}},
        "ansible_interfaces": [bait, "eth0"],
        "ansible_eth0": {"ipv4": {"address": bait, "prefix": tag}},
    }
    liar = drift.site.write("liar", f"#!/bin/sh\ncat > /dev/null\ncat '{drift.site.directory}/facts.json'\n", 0o755)
    drift.site.write("facts.json", json.dumps({"changed": False, "ansible_facts": facts}))
    hostile = netbox.create("dcim.platform", name=f"{bait}{tag}"[:100], slug="hostile")["id"]
    documentation.add("a", platform=hostile)
    drift.hosts(
        "a",
        liar={"netbox_drift_name": machine.name, "netbox_drift_cluster": "a", "ansible_python_interpreter": str(liar), "ansible_pipelining": True},
    )
    reports = [str(drift.report), str(drift.site.directory / "report.html"), str(drift.site.directory / "report.md")]

    run = drift.compare(
        "liar", "in-a", options=("-vvv", "--diff"), netbox_drift_fields=["name", "addresses", "vcpus", "memory", "disk", "platform"],
        netbox_drift_correct=["vcpus", "memory", "disk"], netbox_drift_report=reports,
    )  # fmt: skip

    assert run.rc == 0, run.output
    told = {each["field"]: each["state"] for each in drift.results()["liar"]["fields"]}
    assert told == {"name": "unknown", "addresses": "differs", "vcpus": "unknown", "memory": "unknown", "disk": "unknown", "platform": "unknown"}
    assert drift.results()["in-a"]["remaining"] == ["platform"]
    assert drift.written() == []
    assert not list(drift.site.directory.glob("**/PWNED"))
    html, markdown = ((drift.site.directory / name).read_text() for name in ("report.html", "report.md"))
    assert "<script" not in html and "<script" not in markdown
    assert "&lt;script" in html


def test_a_correction_whose_journal_is_refused_is_told(drift, documentation, machine, netbox):
    documentation.add("a", vcpus=machine.measured.vcpus + 1)
    drift.hosts("a")
    token = netbox.add_user("mute", {name: actions for name, actions in CORRECTS.items() if name != "extras.journalentry"})

    run = drift.compare("in-a", netbox_drift_token=token, netbox_drift_correct=["vcpus"])

    assert run.of("failed") == {"in-a": 1}
    assert "NetBox's documentation of in-a was not corrected as it should: POST" in run.text and "journal-entries/ was answered with 403" in run.text


def test_no_host_says_by_its_facts_where_the_token_goes(drift, documentation, tmp_path):
    asked = []

    class Theirs(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers.get("Authorization"))
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Theirs)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    documentation.add("a")
    theirs = f"http://127.0.0.1:{server.server_port}"
    own = {"netbox_drift_name": drift.machine.name, "netbox_drift_cluster": "a"}
    # As facts can, and by a variable of the inventory that another one is made of.
    written = {"direct": {"netbox_drift_url": drift.netbox.url}, "indirect": {"netbox_drift_url": "{{ place }}", "place": drift.netbox.url}}
    runs = {}
    for name, facts in (("direct", {"netbox_drift_url": theirs}), ("indirect", {"place": theirs})):
        drift.site.inventory({"localhost": {}, "in-a": {**own, **written[name], **lying(tmp_path, facts)}})
        variables = {"netbox_drift_fields": drift.machine.fields}
        runs[name] = drift.site.play("eventops.infra.netbox_drift", limit="in-a", variables=variables, NETBOX_TOKEN=drift.token)
    server.shutdown()

    assert asked == []
    assert "its facts have names of what the inventory says: netbox_drift_url" in runs["direct"].text
    assert runs["indirect"].rc == 0, runs["indirect"].output
