# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook escalate: a case's story in the file that a person reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site


def exhausted(case: int, **data: object) -> dict:
    """Return the event of a case that needs a person, as a rule puts it into the extra variables."""
    story = {"case": case, "name": "ServiceDown", "type": "alert.firing", "subject": "web-01", "hosts": ["web-01"], "attempts": 3, "reason": "it broke"}
    event = {
        "id": f"case.exhausted/{case}",
        "type": "case.exhausted",
        "time": "2026-01-31T12:00:00Z",
        "severity": "critical",
        "subject": "web-01",
        "data": story | data,
        "meta": {"hosts": ["localhost"]},
    }
    return {"ansible_eda": {"ruleset": "Heal what is down", "rule": "A person is needed", "event": neutralize(event)[0]}}


@pytest.fixture
def log(directory: Path) -> Path:
    return directory / "escalations" / "log of cases"


def escalate(site: Site, event: dict, log: Path | None) -> Run:
    site.inventory({"localhost": {"ansible_become": True, "ansible_become_exe": "/nonexistent"}, "web-01": {}})
    run = site.play("eventops.infra.escalate", limit="localhost", variables=event | {"eventops_escalation_log": str(log or "")})
    assert run.rc == 0, run.output
    return run


def test_each_case_is_one_line_and_told_once(site, log):
    for event in (exhausted(17), exhausted(17), exhausted(18)):
        escalate(site, event, log)

    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(each["type"], each["data"]["case"], each["data"]["reason"]) for each in told] == [
        ("case.exhausted", 17, "it broke"),
        ("case.exhausted", 18, "it broke"),
    ]


def test_of_cases_that_come_together_each_is_written_with_its_own_time_and_once_whoever_leads(site, log):
    def entry(case: int) -> dict:
        told = exhausted(case, raised_at=f"2026-01-31T12:{case}:00Z")["ansible_eda"]["event"]
        return {"case": case + 100, **{key: told[key] for key in ("id", "subject", "severity", "data")}, "hosts": []}

    for cases in ([17, 18, 19], [18, 20]):
        event = exhausted(cases[0])
        event["ansible_eda"]["event"]["events"] = [entry(case) for case in cases]
        escalate(site, event, log)

    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(each["id"], each["time"], each["data"]["case"]) for each in told] == [
        (f"case.exhausted/{case}", f"2026-01-31T12:{case}:00Z", case) for case in (17, 18, 19, 20)
    ]


def test_what_an_event_says_is_written_and_not_evaluated(site, log):
    bait = f"a\nb {{{{ lookup('pipe', 'touch {site.directory}/PWNED') }}}} \"c\" 🙂"
    event = exhausted(17, reason=bait, name=bait, hosts=[bait])

    escalate(site, event, log)

    [line] = log.read_text().splitlines()
    assert json.loads(line)["data"] == event["ansible_eda"]["event"]["data"]
    assert not (site.directory / "PWNED").exists()


def test_without_a_file_it_is_said_in_the_log_of_the_run(site, log, directory):
    (directory / "store.db.d").mkdir()
    (directory / "store.db.d" / "paused").touch()  # a pause does not keep a person from being called

    run = escalate(site, exhausted(17), None)

    assert "case.exhausted: case 17, ServiceDown on web-01: it broke" in run.text
    assert not log.parent.exists()


def test_a_storm_is_told_like_a_case(site, log):
    event = exhausted(17, name="Storm", hosts=["web-01", "web-02"], reason="storm: 12 of 20 hosts fail at once")
    event["ansible_eda"]["event"].update(type="case.storm", subject="12 of 20 hosts")
    del event["ansible_eda"]["event"]["data"]["case"]

    run = escalate(site, event, log)

    assert "case.storm: 12 of 20 hosts, Storm on web-01, web-02: storm: 12 of 20 hosts fail at once" in run.text
    assert json.loads(log.read_text())["type"] == "case.storm"


@pytest.mark.parametrize("hosts", [[[], []], [["vm-01"], ["vm-02"]]], ids=["about no host", "about two hosts"])
def test_machines_that_netbox_never_saw_ready_are_told_of_each_by_itself(site, log, hosts):
    machines = {name: {"model": "virtualmachine", "missing": ["primary_ip"], "since": since} for name, since in (("vm-01", "noon"), ("vm-02", "one"))}
    event = exhausted(17)["ansible_eda"]["event"]
    entries = [
        {"case": 7, "id": f"e-{name}", "subject": name, "severity": "warning", "hosts": of, "data": data}
        for of, (name, data) in zip(hosts, machines.items())
    ]
    event.update(type="netbox.virtualmachine.not_ready", subject="vm-01", hosts=[], data=machines["vm-01"], events=entries)
    site.inventory({"localhost": {}, "vm-01": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"}, "vm-02": {}})

    limit = ",".join(sum(hosts, [])) or "localhost"
    run = site.play("eventops.infra.escalate", limit=limit, variables={"ansible_eda": {"event": event}, "eventops_escalation_log": str(log)})

    assert run.rc == 0, run.output
    assert "netbox.virtualmachine.not_ready: vm-02, virtualmachine on vm-02: still without primary_ip since one" in run.text.replace("localhost", "vm-02")
    assert [json.loads(line)["id"] for line in log.read_text().splitlines()] == ["e-vm-01", "e-vm-02"]
