# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One word for each host, and a text that says why; tests/integration/test_outcome_callback.py has them from the real Ansible."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.recap import MAX_ERROR_LENGTH, Recap, bounded, error_text, rc_hint, status_of
from hypothesis import given
from hypothesis import strategies as st

NOTHING = {"ok": 0, "changed": 0, "failures": 0, "unreachable": 0, "skipped": 0, "rescued": 0, "ignored": 0}


def counted(**given) -> dict:
    return {**NOTHING, **given}


@pytest.mark.parametrize(
    ("count", "status"),
    [
        ({"ok": 1}, "ok"),
        ({"ok": 1, "skipped": 9}, "ok"),
        ({"skipped": 1}, "skipped"),
        ({"skipped": 1, "rescued": 1}, "ok"),
        ({"ok": 2, "rescued": 1, "ignored": 1}, "ok"),
        ({"ok": 2, "failures": 1}, "failed"),
        ({"skipped": 2, "failures": 1}, "failed"),
        ({"ok": 2, "failures": 1, "unreachable": 1}, "unreachable"),
    ],
)
def test_the_worst_that_was_counted_is_the_status(count, status):
    assert status_of(counted(**count)) == status


@pytest.mark.parametrize(
    ("statuses", "rc"),
    [(set(), 0), ({"ok", "skipped"}, 0), ({"ok", "failed"}, 2), ({"failed", "unreachable"}, 4)],
)
def test_the_return_code_is_ansibles(statuses, rc):
    assert rc_hint(statuses) == rc


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"msg": "it broke"}, "it broke"),
        ({"msg": "non-zero return code", "stderr": "no such unit\n", "stdout": "x"}, "non-zero return code: no such unit"),
        ({"msg": "non-zero return code", "stderr": "", "stdout": "only this"}, "non-zero return code: only this"),
        ({"msg": "MODULE FAILURE", "module_stderr": "", "module_stdout": "sudo: a password is required"}, "MODULE FAILURE: sudo: a password is required"),
        ({"msg": "it said: no", "stderr": "no"}, "it said: no"),
        ({"reason": "Could not find tasks.yml"}, "Could not find tasks.yml"),
        ({"msg": {"code": 7}}, '{"code": 7}'),
        ({"msg": ["a", "b"]}, '["a", "b"]'),
        ({"msg": ""}, "failed without a message"),
        ({}, "failed without a message"),
        (
            {"msg": "One or more items failed", "results": [{"failed": True, "msg": "a"}, {"msg": "fine"}, {"failed": True, "msg": "b"}, "odd"]},
            "2 of 4 items failed: a; b",
        ),
        ({"msg": "all failed", "results": []}, "all failed"),
    ],
)
def test_the_error_is_the_message_and_what_the_program_said(result, text):
    assert error_text("Task", result) == f"Task: {text}"


@pytest.mark.parametrize(
    "result",
    [
        {"censored": "hidden", "msg": "s3cret", "exception": "s3cret", "stderr": "s3cret"},
        {"_ansible_no_log": True, "msg": "s3cret"},
        {"results": [{"failed": True, "censored": "hidden", "msg": "s3cret"}, {"failed": True, "_ansible_no_log": True, "stderr": "s3cret"}]},
    ],
)
def test_what_no_log_covers_is_not_read(result):
    assert "s3cret" not in error_text("Task", result)
    assert "hidden by no_log" in error_text("Task", result)


@given(st.text(max_size=3 * MAX_ERROR_LENGTH), st.integers(0, 3))
def test_a_text_is_bounded_and_keeps_its_head_and_its_tail(text, times):
    text *= times
    short = bounded(text)
    assert len(short) <= MAX_ERROR_LENGTH
    if len(text) <= MAX_ERROR_LENGTH:
        assert short == text
    else:
        assert (short[:900], short[-900:]) == (text[:900], text[-900:])


class TestDuration:
    def results(self, recap: Recap, now: float) -> dict[str, float]:
        results = recap.results({"web1": counted(ok=1), "web2": counted(failures=1), "web3": counted(ok=1)}, now, set)
        return {host: result["duration_seconds"] for host, result in results.items()}

    def test_it_runs_from_the_first_task_to_the_error_or_the_end_of_the_hosts_last_batch(self):
        recap = Recap(["play"])
        recap.play_starts("play", 10.0)
        recap.task_starts("web1", 11.0)
        recap.task_starts("web2", 11.5)
        recap.error("web2", "broken", 12.0)
        recap.task_starts("web1", 13.0)
        recap.play_starts("play", 15.0)  # the next batch of `serial`
        recap.task_starts("web3", 16.0)
        assert self.results(recap, 20.0) == {"web1": 4.0, "web2": 0.5, "web3": 4.0}

    def test_an_error_that_was_rescued_is_not_the_end(self):
        recap = Recap(["play"])
        recap.play_starts("play", 10.0)
        recap.task_starts("web1", 10.0)
        recap.error("web1", "broken", 11.0)
        recap.task_starts("web1", 12.0)
        assert recap.results({"web1": counted(ok=1, rescued=1)}, 15.0, set)["web1"]["duration_seconds"] == 5.0
