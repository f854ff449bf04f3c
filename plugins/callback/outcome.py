# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: outcome
type: aggregate
short_description: Tell the router what became of a playbook that a rule started
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Records when a playbook started, what it did on each host, and that it ended, for the router O(ignore:eventops.infra.router), which
    closes, retries or escalates its cases by it. The record is a file beside the router's store.
  - The router sets it up by itself, for every playbook that a rule starts, whoever wrote the playbook. There is nothing to enable in
    C(ansible.cfg), and nothing that is enabled there is switched off.
  - It acts on playbooks that ansible-rulebook started for an event, told by C(ansible_eda.event.meta.uuid) in the extra variables.
    Others are left alone.
  - It never makes a playbook fail. When the record cannot be written it warns, once; the router takes a run without a record for failed.
notes:
  - A host that the playbook gave up because of another host's error (C(run_once), C(any_errors_fatal), C(max_fail_percentage), a batch of
    which every host failed) is recorded as failed, although Ansible's own recap shows no failure for it.
  - The result of a task with C(no_log) does not enter the record.
options:
  store:
    description:
      - The absolute path of the router's store. Without it, nothing is recorded.
    type: str
    env:
      - name: EVENTOPS_STORE
"""

EXAMPLES = r"""
# Nothing to do when ansible-rulebook runs with the router. By hand, as the router does it:
#   export EVENTOPS_STORE=/var/lib/eventops/store.db
#   export ANSIBLE_CALLBACK_PLUGINS=/path/to/ansible_collections/eventops/infra/plugins/callback
#   ansible-playbook heal.yml -e '{"ansible_eda": {"event": {"meta": {"uuid": "8d1f6f0e-5f6e-4c39-9d0b-7a3f1f6a2c55"}}}}'
"""

import functools
import importlib.util
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ansible import context
from ansible.plugins.callback import CallbackBase


def _adjacent(name):
    # By its path: ansible-playbook finds this plugin by a directory, and need not know the collection, or may know
    # another copy of it.
    path = Path(__file__).absolute().parents[1] / "plugin_utils" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"eventops_infra_{name}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


executions = _adjacent("executions")
recap = _adjacent("recap")
unread_output = _adjacent("unread_output")


def _never_fails(method):
    @functools.wraps(method)
    def guarded(self, *args, **kwargs):
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # whatever it is, the user's playbook matters more
            self._warn(error)

    return guarded


class CallbackModule(CallbackBase):
    """Record a playbook's run and what it did on each host, for every dispatch that it was started for."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "eventops.infra.outcome"
    # Found in a directory that the router names, it is active. ANSIBLE_CALLBACKS_ENABLED would replace what the user's
    # ansible.cfg enables.
    CALLBACK_NEEDS_ENABLED = False

    # v2_runner_on_ok is not implemented: since 2.19 Ansible copies every result deeply for each callback that has it.

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._writers = []
        self._recap = None
        self._play = None
        self._counted = {}
        self._warned = False

    @_never_fails
    def v2_playbook_on_start(self, playbook):
        self._writers = []
        try:
            store = self.get_option("store")
            if store:
                self._start(store, playbook)
        finally:
            self.disabled = not self._writers

    @_never_fails
    def v2_playbook_on_play_start(self, play):
        self._play = play
        self._recap.play_starts(play._uuid, time.monotonic())

    @_never_fails
    def v2_runner_on_start(self, host, task):
        if not self._recap.iterator_is_known:
            self._recap.batch_runs(_running_iterator())
        self._recap.task_starts(host.name, time.monotonic())

    @_never_fails
    def v2_playbook_on_no_hosts_remaining(self):
        self._recap.nobody_remains()

    @_never_fails
    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            self._note_error(result)

    @_never_fails
    def v2_runner_on_unreachable(self, result):
        if not result._task.ignore_unreachable:
            self._note_error(result)

    @_never_fails
    def v2_playbook_on_stats(self, stats):
        counts = self._counts(stats)
        try:
            results = self._recap.results(counts, time.monotonic(), self._play_hosts)
        except Exception as error:  # something of Ansible's inside has changed: its statistics remain
            self._warn(error)
            results = {host: {"status": recap.status_of(count), "changed": count["changed"]} for host, count in counts.items()}
        hosts = {host: executions.HostResult(**result) for host, result in results.items()}
        rc_hint = recap.rc_hint({result.status for result in hosts.values()})
        while self._writers:
            try:
                self._writers.pop().end(hosts, ended_at=_now(), rc_hint=rc_hint)
            except OSError as error:
                self._warn(error)

    def _start(self, store, playbook):
        plays = playbook.get_plays()
        self._recap = recap.Recap(play._uuid for play in plays)
        directory = executions.directory_of(store)
        for dispatch in _dispatches(plays[0].get_variable_manager().extra_vars):
            try:
                writer = executions.ExecutionWriter(
                    directory,
                    dispatch,
                    playbook=str(playbook._file_name),
                    started_at=_now(),
                    check_mode=bool(context.CLIARGS.get("check")),
                )
            except executions.AlreadyRecorded:  # the user enabled the callback by its name, too
                continue
            self._writers.append(writer)
        if self._writers:
            unread_output.outlive_reader()

    def _note_error(self, result):
        self._recap.error(result._host.name, recap.error_text(result.task_name, result._result), time.monotonic())

    def _counts(self, stats):
        # One command may run several playbooks; Ansible goes on counting.
        total = {host: stats.summarize(host) for host in stats.processed}
        counts = {host: {key: number - self._counted.get(host, {}).get(key, 0) for key, number in count.items()} for host, count in total.items()}
        self._counted = total
        return {host: count for host, count in counts.items() if any(count.values())}

    def _play_hosts(self):
        # The documented variable for all hosts of a play, whatever their batch, and failed or not.
        return self._play.get_variable_manager().get_vars(play=self._play, include_hostvars=False)["ansible_play_hosts_all"]

    def _warn(self, error):
        if not self._warned:
            self._warned = True
            self._display.warning(f"eventops.infra.outcome: cannot fully record this run for the router: {error!r}")


def _dispatches(extra_vars):
    eda = extra_vars.get("ansible_eda")
    if not isinstance(eda, Mapping):
        return []
    several = eda.get("events")  # of a rule that matched more than one event: m_0, m_1, ...
    events = [eda.get("event"), *(several.values() if isinstance(several, Mapping) else [])]
    metas = [event.get("meta") for event in events if isinstance(event, Mapping)]
    uuids = [meta.get("uuid") for meta in metas if isinstance(meta, Mapping)]
    return list(dict.fromkeys(str(uuid) for uuid in uuids if executions.is_dispatch(uuid)))


def _running_iterator():
    # Which hosts a play has failed, only Ansible's PlayIterator knows, and no callback is handed it. The strategy that called
    # us has it as an argument. Where that changes, Ansible's statistics alone decide.
    frame = sys._getframe(1)
    while frame is not None:
        iterator = frame.f_locals.get("iterator")
        if all(hasattr(iterator, name) for name in ("get_failed_hosts", "host_states", "end_play")):
            return iterator
        frame = frame.f_back
    return None


def _now():
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03d}Z"
