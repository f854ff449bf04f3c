# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of each host of a playbook: Ansible's statistics, corrected where they call a host ok that was not finished.

`ok=3 failed=0` is also what Ansible counts for a host that lost the rest of its tasks through no error of its own: a
task with `run_once` or `any_errors_fatal` failed on another host, `max_fail_percentage` was passed, or every host of a
batch failed, which ends the playbook for all. Taken for success, such a host's case would be closed with its work half done.

The callback loads this file by its path into ansible-playbook, as it does with executions.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping

MAX_ERROR_LENGTH = 2000

_CUT = "\n[...]\n"


class Recap:
    """Follow one playbook; `now` is a clock's seconds, `iterator` is Ansible's PlayIterator of the running batch.

    :param plays: an identity for each play that the playbook has.
    """

    def __init__(self, plays: Iterable[str]) -> None:
        self._plays_to_come = set(plays)
        self._play: str | None = None
        self._iterator = None
        self._began: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._batch: set[str] = set()  # its hosts that began a task
        self._reached: set[str] = set()  # hosts of the play's batches, this one's included
        self._down: dict[str, str] = {}  # hosts with an error, and the last one
        self._taken_down: set[str] = set()  # hosts that a play gave up, for whatever reason

    @property
    def iterator_is_known(self) -> bool:
        return self._iterator is not None

    def play_starts(self, play: str, now: float) -> None:
        """Note that a play starts, or its next batch."""
        self._close_batch(now)
        self._iterator = None
        if play != self._play:
            self._play = play
            self._reached = set()
        self._plays_to_come.discard(play)

    def task_starts(self, host: str, now: float) -> None:
        self._began.setdefault(host, now)
        self._left.pop(host, None)  # it was in an earlier play, or its error is being rescued
        self._batch.add(host)

    def batch_runs(self, iterator) -> None:
        """Remember who knows at the end of the batch which hosts it has failed."""
        self._iterator = iterator

    def nobody_remains(self) -> None:
        """Note that the batch was ended for all of its hosts, also those that ansible-core 2.16 does not mark as failed then."""
        if self._iterator is not None:
            self._taken_down.update(host for host, state in self._iterator.host_states.items() if state.run_state.name != "COMPLETE")

    def error(self, host: str, text: str, now: float) -> None:
        """Note an error that is not ignored; it may still be rescued."""
        self._down[host] = text
        self._left[host] = now

    def results(self, counts: Mapping[str, Mapping[str, int]], now: float, play_hosts: Callable[[], Collection[str]]) -> dict[str, dict]:
        """Tell status, changed, duration_seconds and error of each host.

        :param counts: per host `ok`, `changed`, `failures`, `unreachable`, `skipped` as Ansible counted them.
        :param play_hosts: names all hosts of the last play, whatever their batch; only asked when batches may be missing.
        """
        self._close_batch(now)
        own = {host for host, count in counts.items() if count["failures"] or count["unreachable"]}
        stopped = (self._taken_down | self._cut_off(counts, own, play_hosts)) - own
        culprits = [f"{host}: {text}" for host, text in self._down.items() if host in own]
        reason = bounded("the playbook was stopped before it was through with this host" + "".join(f"; {culprit}" for culprit in culprits[-1:]))
        return {
            host: {
                "status": "failed" if host in stopped else status_of(count),
                "changed": count["changed"],
                "duration_seconds": round(self._left.get(host, now) - self._began.get(host, now), 3),
                "error": reason if host in stopped else self._down.get(host) if host in own else None,
            }
            for host, count in counts.items()
        }

    def _close_batch(self, now: float) -> None:
        for host in self._batch:
            self._left.setdefault(host, now)
        self._batch = set()
        if self._iterator is not None:
            self._taken_down.update(self._iterator.get_failed_hosts())
            self._reached.update(self._iterator.host_states)

    def _cut_off(self, counts: Collection[str], own: Collection[str], play_hosts: Callable[[], Collection[str]]) -> set[str]:
        if self._plays_to_come:  # which hosts they were for is not known: their patterns may be templates
            return set(counts)
        if self._iterator is None or self._iterator.end_play:  # `meta: end_play` is a decision, not an accident
            return set()
        if not (set(own) | self._taken_down) & set(self._iterator.host_states):
            return set()
        return set(play_hosts()) - self._reached


def status_of(count: Mapping[str, int]) -> str:
    """Reduce Ansible's counters of a host to one word; a rescued or ignored error is none."""
    if count["unreachable"]:
        return "unreachable"
    if count["failures"]:
        return "failed"
    return "skipped" if count["skipped"] and not count["ok"] and not count["rescued"] else "ok"


def rc_hint(statuses: Collection[str]) -> int:
    """Predict ansible-playbook's return code: 4 when a host is unreachable, else 2 when one failed, else 0."""
    return 4 if "unreachable" in statuses else 2 if "failed" in statuses else 0


def error_text(task: str, result: Mapping) -> str:
    """Say in at most 2000 characters what failed, from the result of a task as callbacks get it."""
    return bounded(f"{task}: {_reason(result)}")


def bounded(text: str) -> str:
    """Cut a text to 2000 characters: the head tells what it was, the tail mostly why."""
    if len(text) <= MAX_ERROR_LENGTH:
        return text
    half = (MAX_ERROR_LENGTH - len(_CUT)) // 2
    return text[:half] + _CUT + text[-half:]


def _reason(result: Mapping) -> str:
    if "censored" in result or result.get("_ansible_no_log"):  # nothing else of it is looked at
        return "the error is hidden by no_log"
    items = result.get("results")
    failed = [item for item in items if isinstance(item, Mapping) and item.get("failed")] if isinstance(items, list) else []
    if failed:
        return f"{len(failed)} of {len(items)} items failed: " + "; ".join(_reason(item) for item in failed)
    message = _as_text(result.get("msg") or result.get("reason")) or "failed without a message"
    output = next((text for key in ("stderr", "module_stderr", "module_stdout", "stdout") if (text := _as_text(result.get(key)))), "")
    return message if output in message else f"{message}: {output}"


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return (value if isinstance(value, str) else json.dumps(value, default=str)).strip()
