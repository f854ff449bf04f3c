# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines for people who watch ansible-rulebook's own log."""

from __future__ import annotations

import logging

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.plain_log import PlainLog
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CASE_CHANGED, CASE_OPENED, PAUSE_BEGAN, Change

from ...store.promises.examples import a_case


@pytest.fixture(name="told")
def _told(caplog):
    caplog.set_level(logging.INFO)
    log = PlainLog(clock=lambda: told.now)

    def told(*changes: Change) -> list[tuple[str, str]]:
        caplog.clear()
        log(changes)
        return [(record.levelname, record.getMessage()) for record in caplog.records]

    told.now = 0.0
    return told


def changed(state: str, why: str = "a reason", action: str = CASE_CHANGED, **case) -> Change:
    return Change(1.0, action, why, from_state="open", case=a_case(id=7, name="Down", state=state, **case))


def test_what_needs_a_person_is_a_warning_and_all_else_is_there_with_v(told):
    assert told(changed("exhausted"), changed("open", action=CASE_OPENED), changed("awaiting_approval"), changed("observed", "mode observe")) == [
        ("WARNING", "case 7, Down on web-01: exhausted: a reason"),
        ("INFO", "case 7, Down on web-01: open: a reason"),
        ("WARNING", "case 7, Down on web-01: awaiting approval: a reason"),
        ("INFO", "case 7, Down on web-01: observed: mode observe"),
    ]
    assert told(Change(1.0, PAUSE_BEGAN, "a release", by="anna")) == [("WARNING", "pause began by anna: a release")]


def test_what_is_suppressed_for_an_unknown_host_is_not_said_to_be_on_the_controller(told):
    assert told(changed("suppressed", "unknown host: i-1", hosts=()), changed("open", action=CASE_OPENED, hosts=())) == [
        ("WARNING", "case 7, Down: suppressed: unknown host: i-1"),
        ("INFO", "case 7, Down on localhost: open: a reason"),
    ]


def test_a_flood_of_unknown_hosts_is_one_warning_a_minute(told):
    assert [level for level, _line in told(*[changed("suppressed", "unknown host")] * 100)].count("WARNING") == 1
    told.now = 61.0
    assert told(changed("suppressed", "unknown host"))[0][0] == "WARNING"


def test_nobodys_text_makes_a_line_of_its_own(told):
    ((_level, line),) = told(changed("exhausted", "one\nERROR two\x1b[31m\u2028three" + "x" * 1000))
    assert "\n" not in line and "\x1b" not in line and "\u2028" not in line and len(line) <= 300
