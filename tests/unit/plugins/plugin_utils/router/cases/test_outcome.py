# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a dispatch, judged from executions and what the engine did."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution, HostResult
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.outcome import Failed, Succeeded, Untaken, judge, rows
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.performed import Performed

UUID = "00000000-0000-4000-8000-000000000001"


def a_run(
    playbook: str = "heal.yml", ended: bool = True, started_at: str = "2026-01-31T12:00:00Z", cwd: str = "/tmp/eda1/project", **statuses: str
) -> Execution:
    results = {host.replace("_", "-"): HostResult(status, 0, 1.0, "no way" if status == "failed" else None) for host, status in statuses.items()}
    return Execution(UUID, 7, False, playbook, cwd, started_at, False, ended, started_at if ended else None, 0, results)


def acted(*actions: str, errors: tuple[str, ...] = ()) -> Performed:
    return Performed(fired=True, actions=list(actions), errors=list(errors))


@pytest.mark.parametrize(
    ("executions", "performed", "expected"),
    [
        # a run that touched the host
        ([a_run(web_01="ok")], acted("run_playbook"), Succeeded()),
        ([a_run(web_01="skipped")], acted("run_playbook"), Succeeded()),
        ([a_run(web_01="failed")], acted("run_playbook"), Failed("web-01 failed: no way")),
        ([a_run(web_01="unreachable")], acted("run_playbook"), Failed("web-01 unreachable: no message")),
        # another life of the engine began it
        ([a_run(web_01="ok")], None, Succeeded()),
        ([], None, Failed("nothing ran: ansible-rulebook ended before a playbook began")),
        # nothing ran
        ([a_run()], acted("run_playbook"), Failed("nothing ran on web-01")),
        ([a_run(web_02="ok")], acted("run_playbook"), Failed("nothing ran on web-01")),
        ([], acted("run_playbook", errors=("no such file",)), Failed("nothing ran: no such file")),
        # actions without a callback
        ([], acted("debug"), Succeeded()),
        ([], acted("debug", errors=("'x' is undefined",)), Failed("'x' is undefined")),
        ([], Performed(), Untaken()),
        # several playbooks
        ([a_run("a.yml", web_01="ok"), a_run("b.yml", web_01="failed")], acted("run_playbook", "run_playbook"), Failed("web-01 failed: no way")),
        ([a_run("a.yml", web_01="ok")], acted("run_playbook", "run_playbook", errors=("b.yml?",)), Failed("a playbook did not start: b.yml?")),
        ([a_run(web_01="failed"), a_run(cwd="/tmp/eda2", web_01="ok")], acted("run_playbook", "run_playbook"), Failed("web-01 failed: no way")),
        ([a_run(web_01="ok"), a_run(cwd="/tmp/eda2", web_01="ok")], acted("run_playbook", "run_playbook"), Succeeded()),
        # run_playbook's own retries
        ([a_run(web_01="failed"), a_run(started_at="2026-01-31T12:00:09Z", web_01="ok")], acted("run_playbook", errors=("rc 2",)), Succeeded()),
        # cut off, and errors that nobody's failure explains
        ([a_run(ended=False)], acted("run_playbook"), Failed("the run of heal.yml was cut off before it ended")),
        ([a_run(ended=False)], acted("run_playbook", errors=("boom",)), Failed("the run of heal.yml was cut off before it ended: boom")),
        ([a_run(web_01="ok")], acted("run_playbook", errors=("boom",)), Failed("boom")),
    ],
)
def test_a_case_follows_its_own_host(executions, performed, expected):
    assert judge(("web-01",), executions, performed) == expected


def test_a_life_that_ended_between_two_playbooks_of_a_rule_did_not_finish():
    assert judge(("web-01",), [a_run(web_01="ok")], None, 2) == Failed("ansible-rulebook ended when 1 of 2 playbooks had begun")
    assert judge(("web-01",), [a_run("a.yml", web_01="ok"), a_run("b.yml", web_01="ok")], None, 2) == Succeeded()


def test_a_host_that_fails_does_not_fail_the_case_of_another():
    runs, performed = [a_run(web_01="failed", web_02="ok")], acted("run_playbook", errors=("rc 2",))
    assert judge(("web-02",), runs, performed) == Succeeded()
    assert judge(("web-01", "web-02"), runs, performed) == Failed("web-01 failed: no way")


def test_each_host_of_each_run_is_a_row():
    made = rows(UUID, [a_run(web_01="failed", web_02="ok")])
    assert [(row.host, row.status, row.error, row.duration) for row in made] == [("web-01", "failed", "no way", 1.0), ("web-02", "ok", None, 1.0)]
