# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report says what is to be known, and no text in it becomes markup."""

from __future__ import annotations

import html.parser
import json
import re

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.filter.netbox_drift_report import FilterModule
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.report import lines, render, summary
from hypothesis import given
from hypothesis import strategies as st


def finding(field: str, state: str, documented: object, measured: object, note: str = "") -> dict:
    return {"field": field, "state": state, "documented": documented, "measured": measured, "note": note, "proposed": None}


def result(host: str, *fields: dict, documented: bool = True, corrected: dict | None = None, left: dict | None = None) -> dict:
    drift = not documented or any(each["state"] == "differs" for each in fields)
    return {"host": host, "documented": documented, "fields": list(fields), "drift": drift, "corrected": corrected or {}, "left": left or {}}


DRIFTED = result(
    "web-01",
    finding("name", "same", "web-01", ["web-01"]),
    finding("addresses", "differs", ["192.0.2.1/24"], [], "not on the host: 192.0.2.1/24"),
    finding("vcpus", "differs", 2.0, 4),
    finding("memory", "unknown", 2048, None, "the fact memtotal_mb must be a whole number"),
    finding("platform", "differs", None, "Haiku 1"),
    corrected={"vcpus": 4},
    left={"platform": "no such platform"},
)
RESULTS = [DRIFTED, result("web-02", finding("vcpus", "same", 2.0, 2)), result("web-03", documented=False)]


def test_the_lines_of_a_host():
    assert [lines(each) for each in RESULTS] == [
        [
            "addresses: NetBox has 192.0.2.1/24, the host nothing: not on the host: 192.0.2.1/24",
            "vcpus: NetBox has 2, the host 4: corrected in NetBox to 4",
            "memory: NetBox has 2048 MB, the host nothing: the fact memtotal_mb must be a whole number",
            "platform: NetBox has nothing, the host Haiku 1: not corrected: no such platform",
        ],
        ["as documented"],
        ["not documented in NetBox"],
    ]


def test_check_mode_says_what_would_be():
    assert lines(DRIFTED, check_mode=True)[1] == "vcpus: NetBox has 2, the host 4: would be corrected in NetBox to 4"
    assert summary(RESULTS, check_mode=True) == "hosts compared: 3, as documented: 1, not: 2, would be corrected in NetBox: 1"


def test_the_summary():
    assert summary(RESULTS) == "hosts compared: 3, as documented: 1, not: 2, corrected in NetBox: 1"
    assert summary(RESULTS[1:2]) == "hosts compared: 1, as documented: 1, not: 0"


def test_json_has_everything():
    assert json.loads(render(RESULTS, "json")) == {"summary": summary(RESULTS), "hosts": RESULTS}


def test_markdown_is_one_table():
    table = [line for line in render(RESULTS, "md").splitlines() if line.startswith("|")]

    assert len(table) == 2 + 4 + 1 + 1
    assert "| web-01 | vcpus | 2 | 4 | corrected in NetBox to 4 |" in table
    assert "| web-03 |  | not documented |  |  |" in table


class Reader(html.parser.HTMLParser):
    """Collects the tags, and the text of the cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


PLAIN_TAGS = Reader(render([result("h", finding("platform", "differs", "a", "b"))], "html")).tags
HOSTILE = st.text() | st.sampled_from(
    ["<script>alert(1)</script>", "</td></table><img src=x onerror=y>", "a|b", "![x](http://evil)", "[x](y)", "`x`", "&lt;", "\\|", "http://evil www.evil"]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_becomes_markup(documented, measured, note):
    results = [result("h", finding("platform", "differs", documented, measured, note))]

    assert Reader(render(results, "html")).tags == PLAIN_TAGS
    [row] = [line for line in render(results, "md").splitlines() if line.startswith("| h |")]
    unescaped = re.sub(r"\\.", "", row)
    assert unescaped.count("|") == 6
    assert not set(unescaped) & set("<>`*_[]~")
    assert "://" not in row and "www." not in row


def test_a_text_without_end_is_cut():
    assert len(render([result("h", finding("platform", "differs", "x" * 10**6, "y" * 10**6))], "html")) < 3000


def test_the_filter():
    write = FilterModule().filters()["netbox_drift_report"]

    assert write(RESULTS, "summary") == summary(RESULTS)
    assert write(RESULTS, "html") == render(RESULTS, "html")
    with pytest.raises(AnsibleFilterError, match="html, json, md or summary, not pdf"):
        write(RESULTS, "pdf")
    with pytest.raises(AnsibleFilterError, match="needs results of"):
        write([{}], "md")
