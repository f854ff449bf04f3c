# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a dispatch, judged case by case from what the callback wrote and what the engine did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import ExecutionRow

from ..engine.performed import Performed

_BAD = ("failed", "unreachable")


@dataclass(frozen=True)
class Succeeded:
    """The case's work was done."""


@dataclass(frozen=True)
class Failed:
    """The attempt failed."""

    why: str


@dataclass(frozen=True)
class Untaken:
    """No rule took the event."""


Outcome = Succeeded | Failed | Untaken


def judge(hosts: Sequence[str], executions: Sequence[Execution], performed: Performed | None, begun: int = 0) -> Outcome:
    """Judge a dispatch for a case's own hosts.

    :param hosts: the case's hosts; `localhost` for a case about none.
    :param executions: every playbook run of the dispatch, ended or not.
    :param performed: what the engine did; None when it was another life of the engine, so that only the runs tell.
    :param begun: how many playbooks the other life had begun with.
    """
    runs = _last_tries(executions)
    if not runs:
        return _without_runs(performed)
    if performed is not None and len(runs) < performed.playbooks:
        return Failed(f"a playbook did not start: {_said(performed)}")
    if performed is None and len(runs) < begun:
        return Failed(f"ansible-rulebook ended when {len(runs)} of {begun} playbooks had begun")
    unended = [run for run in runs if not run.ended]
    if unended:
        errors = f": {_said(performed)}" if performed is not None and performed.errors else ""
        return Failed(f"the run of {unended[0].playbook} was cut off before it ended{errors}")
    failures = [failure for host in hosts if (failure := _failure(host, runs))]
    if failures:
        return Failed("; ".join(failures))
    explained = any(result.status in _BAD for run in executions for result in run.hosts.values())
    if performed is not None and performed.errors and not explained:
        return Failed(_said(performed))
    return Succeeded()


def rows(uuid: str, executions: Iterable[Execution]) -> list[ExecutionRow]:
    """Make the store's rows of the runs of a dispatch."""
    return [
        ExecutionRow(
            dispatch=uuid,
            pid=run.pid,
            playbook=run.playbook,
            host=host,
            status=result.status,
            changed=result.changed,
            duration=result.duration_seconds,
            error=result.error,
            started_at=run.started_at,
            ended_at=run.ended_at,
        )
        for run in executions
        for host, result in run.hosts.items()
    ]


def _without_runs(performed: Performed | None) -> Outcome:
    if performed is None:
        return Failed("nothing ran: ansible-rulebook ended before a playbook began")
    if not performed.fired:
        return Untaken()
    if performed.playbooks:
        return Failed(f"nothing ran: {_said(performed)}")
    return Failed(_said(performed)) if performed.errors else Succeeded()


def _last_tries(executions: Iterable[Execution]) -> list[Execution]:
    """Keep the last run of each action: run_playbook's own `retries` starts the same file in the same directory again."""
    last: dict[tuple[str, str], Execution] = {}
    for run in sorted(executions, key=lambda run: run.started_at):
        last[run.cwd, run.playbook] = run
    return list(last.values())


def _failure(host: str, runs: Sequence[Execution]) -> str | None:
    results = [run.hosts[host] for run in runs if host in run.hosts]
    if not results:
        return f"nothing ran on {host}"
    bad = next((result for result in results if result.status in _BAD), None)
    return f"{host} {bad.status}: {bad.error or 'no message'}" if bad else None


def _said(performed: Performed) -> str:
    return "; ".join(dict.fromkeys(performed.errors)) or "the log of ansible-rulebook does not say why"
