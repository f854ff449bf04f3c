# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables in the READMEs of the roles have every variable, no other, and the defaults that hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).absolute().parents[3] / "roles"
# What a table says of a variable that is empty by default.
EMPTY = ("", "AWS's")
# What a role returns, which is no variable of it.
RETURNED = {"invoke_function_result"}


def options(role: str) -> dict[str, Any]:
    return yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]


def rows(role: str) -> dict[str, str]:
    """Return the variables of the tables, each with the cell of its default."""
    found = {}
    for line in (ROLES / role / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith(f"| `{role}_") and len(cells) == 3:
            found |= dict.fromkeys(re.findall(rf"`({role}_\w+)`", cells[0]), cells[1])
    return found


@pytest.mark.parametrize("role", ["aws_events", "invoke_function"])
def test_the_tables_have_every_variable_and_no_other(role):
    assert rows(role).keys() == options(role).keys()
    named = set(re.findall(rf"`({role}_\w+)`", (ROLES / role / "README.md").read_text(encoding="utf-8")))
    assert named - RETURNED <= options(role).keys()


@pytest.mark.parametrize("role", ["aws_events", "invoke_function"])
def test_the_tables_have_the_defaults_that_hold(role):
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    for name, cell in rows(role).items():
        shown = "" if cell in EMPTY else yaml.safe_load(cell.strip("`"))
        assert shown == defaults.get(name, ""), name
