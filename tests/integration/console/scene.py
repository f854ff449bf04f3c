# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An afternoon at a site of some size, for the pictures of the documentation and for tests in a browser."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.case_life import rank
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, Dispatch, ExecutionRow, Pause, Share, Storm
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

_POLICY = CasePolicy()
_MINUTE = 60.0


class Scene:
    """Writes cases into a transaction, minutes before now.

    :param tx: the transaction.
    :param now: seconds since the epoch.
    """

    def __init__(self, tx, now: float) -> None:
        self.tx = tx
        self.now = now
        self._numbers = itertools.count(1)

    def case(
        self, name: str, hosts: Sequence[str], severity: str = "error", *, minutes: float, summary: str = "", type: str = "alert.firing", **changes
    ) -> Case:
        """Open a case some minutes ago; `changes` are its other fields."""
        opened = self.now - minutes * _MINUTE
        number, subject = next(self._numbers), changes.pop("subject", hosts[0] if hosts else "datacenter")
        child = changes.pop("child", "alertmanager")
        labels = {"alertname": name, "instance": f"{subject}:9100", "job": "node", "severity": severity}
        data = {"name": name, "severity": severity, "summary": summary or f"{name} on {subject}", "labels": labels, "monitor": child}
        key = f"alert/{name}/{subject}/{number}"
        event = Event(f"{number:08x}", child, type, subject, from_epoch(opened), severity, tuple(hosts), key, data, {})
        row = self.tx.insert_event(event, child=child, received_at=opened)
        kind = "incident" if type.startswith("alert.") else "change"
        times = {"opened_at": opened, "updated_at": opened, "due_at": opened, "rank": rank(severity, opened, _POLICY)}
        fields = {"state": "open", "mode": "enforce", "event_row": row, "name": name, **times, **changes}
        case = self.tx.add_case(Case(key, kind, type, subject, severity, tuple(hosts), child, **fields), f"opened for {key}")
        self.tx.mark_handled(row, case.id)
        return case

    def goes_on(self, case: Case, state: str, why: str, *, minutes: float, by: str = "router", **changes) -> Case:
        """Change a case's state some minutes ago."""
        after = replace(case, state=state, updated_at=self.now - minutes * _MINUTE, **{"reason": why, **changes})
        self.tx.save_case(after, why, by=by)
        return after

    def run(
        self, cases: Sequence[Case], *, minutes: float, attempt: int = 1, playbook: str = "restart.yml", ended: float | None = None, errors=None
    ) -> Dispatch:
        """Dispatch cases some minutes ago; `errors` are by host, None: nothing is known yet."""
        planned = self.now - minutes * _MINUTE
        shares = tuple(Share(case.id, case.target_hosts) for case in cases)
        hosts = tuple(dict.fromkeys(host for share in shares for host in share.hosts))
        uuid = f"{int(planned * 1000) % 16**8:08x}-4a1c-4e0b-9d52-{next(self._numbers):012x}"
        dispatch = Dispatch(uuid, attempt, hosts, shares, planned, playbooks=1)
        self.tx.add_dispatch(dispatch)
        if ended is not None:
            failed = len(errors or {})
            outcome = f"{failed} of {len(hosts)} hosts failed" if failed else "ok"
            self.tx.save_dispatch(replace(dispatch, state="ended", outcome=outcome, ended_at=planned + ended))
            times = (from_epoch(planned), from_epoch(planned + ended))
            for host in hosts:
                error = (errors or {}).get(host)
                self.tx.put_executions([ExecutionRow(uuid, 4711, playbook, host, "failed" if error else "ok", 1, ended - 0.4, error, *times)])
        return dispatch


def an_afternoon(tx, now: float) -> dict[str, int]:
    """Write a site's afternoon down; return the ids of the cases that are worth a look."""
    scene = Scene(tx, now)

    # What a person is needed for.
    defeat = scene.case("ServiceDown", ["web-07"], "critical", minutes=23, summary="nginx does not answer on web-07", count=46)
    error = "Unable to start service nginx.service: Job for nginx.service failed because the control process exited with error code."
    for number, minutes in enumerate((22.8, 21.5, 19.2), start=1):
        defeat = scene.goes_on(defeat, "dispatched", f"attempt {number} of 3", minutes=minutes, attempt=number, reason="")
        scene.run([defeat], minutes=minutes, attempt=number, ended=18.4, errors={"web-07": error})
        defeat = scene.goes_on(defeat, "running", "1 playbook is at work", minutes=minutes - 0.02, reason="")
        if number < 3:
            wait = 30 * 2 ** (number - 1)
            defeat = scene.goes_on(defeat, "waiting", f"attempt {number} failed, next in {wait} s: {error}", minutes=minutes - 0.3, waits_for="backoff")
    defeat = scene.goes_on(defeat, "exhausted", f"attempt 3 of 3 failed: {error}", minutes=18.8, waits_for="")
    tx.note(defeat.id, "The new certificate has no key; asked the web team", by="marta", now=now - 6 * _MINUTE)

    approval = scene.case("DiskFull", ["db-02"], "warning", minutes=7, summary="/var is 94 % full on db-02", mode="approve", count=3)
    scene.goes_on(approval, "awaiting_approval", "mode approve: a person decides whether it is dispatched to db-02", minutes=7, due_at=now + 53 * _MINUTE)

    # What runs.
    racks = [scene.case("HighMemory", [f"app-{number:02}"], "error", minutes=2.5) for number in range(1, 13)]
    scene.run(racks, minutes=0.4, playbook="recycle.yml")
    for each in racks:
        scene.goes_on(each, "running", "1 playbook is at work", minutes=0.35, attempt=1, reason="")
    again = scene.case("ServiceDown", ["mail-01"], "critical", minutes=3, summary="postfix does not answer on mail-01")
    scene.run([again], minutes=0.2, attempt=2)
    scene.goes_on(again, "running", "1 playbook is at work", minutes=0.2, attempt=2, reason="")

    # What waits.
    scene.case("CertificateExpires", ["lb-01", "lb-02"], "warning", minutes=0.1)
    scene.case("netbox", [], "info", minutes=0.05, type="netbox.virtualmachine.updated", child="netbox")
    backoff = scene.case("ServiceDown", ["web-03"], "critical", minutes=4)
    why = "attempt 1 failed, next in 60 s: Timeout when waiting for 127.0.0.1:8080"
    scene.goes_on(backoff, "waiting", why, minutes=0.5, attempt=1, waits_for="backoff", due_at=now + 31)
    paused = scene.case("ReplicationLag", ["db-03"], "error", minutes=12)
    scene.goes_on(paused, "waiting", "paused by marta: failover rehearsal", minutes=12, waits_for="pause")
    window = scene.case("KernelOutdated", ["batch-01", "batch-02", "batch-03"], "info", minutes=95)
    scene.goes_on(window, "waiting", "maintenance window nightly batch", minutes=94, waits_for="maintenance", due_at=now + 42 * _MINUTE)
    cooldown = scene.case("ServiceDown", ["cache-01"], "error", minutes=1.5)
    scene.goes_on(cooldown, "waiting", "cooldown: the last run for this problem ended 2 min ago", minutes=1.5, waits_for="cooldown", due_at=now + 178)

    # What was done, and is looked at.
    for name, host, minutes in (("ServiceDown", "web-11", 1.1), ("ClockSkew", "app-21", 5.2)):
        case = scene.case(name, [host], "error", minutes=minutes + 0.6)
        scene.run([case], minutes=minutes + 0.4, ended=14.2)
        due = now + (15 - minutes) * _MINUTE
        scene.goes_on(case, "verifying", "attempt 1 went well, waiting for the monitor to confirm", minutes=minutes, attempt=1, due_at=due)

    for name, host, minutes, severity in (
        ("ServiceDown", "web-02", 3.2, "critical"),
        ("DiskFull", "log-01", 17, "warning"),
        ("ServiceDown", "api-04", 31, "critical"),
        ("HighMemory", "app-30", 58, "error"),
        ("HostDown", "edge-05", 132, "critical"),
        ("NtpDrift", "db-01", 171, "warning"),
    ):
        case = scene.case(name, [host], severity, minutes=minutes + 1.4)
        scene.run([case], minutes=minutes + 1.2, ended=16.8)
        case = scene.goes_on(case, "verifying", "attempt 1 went well, waiting for the monitor to confirm", minutes=minutes + 0.9, attempt=1)
        scene.goes_on(case, "resolved", "attempt 1 went well, and the monitor confirms it", minutes=minutes, live=False)

    # What nothing is done about.
    unknown = scene.case("HostDown", [], "critical", minutes=41, summary="old-web-99 does not answer", subject="old-web-99")
    scene.goes_on(unknown, "suppressed", "unknown host: the inventory has none of old-web-99", minutes=41)
    observed = scene.case("FanSpeed", ["gpu-02"], "warning", minutes=65, mode="observe")
    scene.goes_on(observed, "observed", "mode observe: would have been dispatched to gpu-02", minutes=65)
    unmatched = scene.case("PrinterJam", ["print-01"], "info", minutes=77)
    scene.goes_on(unmatched, "unmatched", "no rule took it", minutes=77, live=False)

    tx.add_pause(Pause({"host": ["db-03", "db-04"]}, now - 14 * _MINUTE, "marta", "failover rehearsal", now + 46 * _MINUTE))
    return {"defeat": defeat.id, "approval": approval.id, "backoff": backoff.id}


def a_storm(tx, now: float) -> None:
    """Add a storm: most of a datacenter fails at once."""
    scene = Scene(tx, now)
    scene._numbers = itertools.count(1000)
    for number in range(60):
        case = scene.case("HostDown", [f"rack-{number:03}"], "critical", minutes=2)
        scene.goes_on(case, "waiting", "storm: 161 of 200 hosts fail at once, 30% may", minutes=1.9, waits_for="storm")
    tx.save_storm(Storm(now - 1.9 * _MINUTE, 161, 200), now=now - 1.9 * _MINUTE)


def write(site, *parts) -> dict[str, int]:
    """Write parts of the scene into a site's store; return the ids of the first."""
    now = time.time()
    return [site.store.run_now(lambda tx, part=part: part(tx, now)) for part in parts][0]
