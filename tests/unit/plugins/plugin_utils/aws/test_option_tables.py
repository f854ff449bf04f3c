# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables of docs/ have every option of the source that its schemas know, no other, and the defaults that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import SCHEMA as ALARMS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import SCHEMA as FEEDBACK
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import SCHEMA as LOGS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.settings import SCHEMA as QUEUES

DOCS = Path(__file__).absolute().parents[5] / "docs"
TABLES = {
    ("cloudwatch.md", "Queues"): QUEUES,
    ("cloudwatch_polling.md", "2. Alarms"): ALARMS,
    ("cloudwatch_polling.md", "3. Log lines"): LOGS,
    ("aws_feedback.md", "Feedback to AWS"): FEEDBACK["anyOf"][1],
}


def rows_of(page, title):
    """Return the options of the first table of a section, each with the last cell of its row."""
    text = (DOCS / page).read_text(encoding="utf-8")
    section = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1]
    table = re.search(r"^\| key \|.*?(?=^[^|])", section, re.DOTALL | re.MULTILINE)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {option: row[-1] for row in cells for option in re.findall(r"`([a-z_]+)`", row[0])}


@pytest.mark.parametrize(("page", "title"), TABLES)
def test_a_table_has_every_option_and_no_other(page, title):
    assert rows_of(page, title).keys() == TABLES[page, title]["properties"].keys()


@pytest.mark.parametrize(("page", "title"), TABLES)
def test_a_table_has_the_defaults_that_hold(page, title):
    rows, properties = rows_of(page, title), TABLES[page, title]["properties"]
    defaults = {option: str(schema["default"]).lower() for option, schema in properties.items() if "default" in schema}
    assert {option: rows[option].strip("`") for option in defaults} == defaults
