# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples of docs/adapters.md: for each adapter its settings, a payload, and the event that it becomes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

DOCUMENT_PATH = Path(__file__).absolute().parents[5] / "docs" / "adapters.md"
DOCUMENT = DOCUMENT_PATH.read_text(encoding="utf-8")
CONTEXT = AdapterContext(source="monitor", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new")


class Example(NamedTuple):
    """One section of the document."""

    adapter: Any
    payload: dict
    event: dict


def section(title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)[1]


def example(title: str) -> Example:
    text = section(title)
    settings = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    payload, event = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    return Example(settings["adapter"], payload, event)


TITLES = [title for title in re.findall(r"^## ([a-z_]+)$", DOCUMENT, re.MULTILINE) if title in ADAPTERS]
EXAMPLES = {title: example(title) for title in TITLES}


def read(payload: Any, adapter: Any, context: AdapterContext = CONTEXT):
    """Let an adapter, with its settings as a rulebook has them, read a payload."""
    mistakes = Mistakes()
    name, settings = read_adapter(adapter, "adapter", mistakes)
    mistakes.raise_if_any()
    return ADAPTERS[name].adapt(payload, settings=settings, context=context)
