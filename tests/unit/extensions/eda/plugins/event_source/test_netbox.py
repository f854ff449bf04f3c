# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every configuration of `eventops.infra.netbox` in the documentation is one that it takes, and its options are those that it documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.schema import SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings import read_settings

from .shown import ROOT, TOKEN, at_hand, found_in, plugin

PLUGIN = plugin("netbox")
DOCUMENTED = yaml.safe_load(PLUGIN.DOCUMENTATION)["options"]


def shown() -> Iterator[dict]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))]
    blocks = [block for text in texts for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    for block in [*blocks, PLUGIN.EXAMPLES]:
        if "eventops.infra.netbox:" in block:
            yield from found_in(yaml.safe_load(block), "eventops.infra.netbox")
        elif block.startswith("feedback:"):
            yield {"url": "https://netbox.example.com", "token": TOKEN, **yaml.safe_load(block)}


def test_what_the_documentation_shows_is_taken(tmp_path):
    configurations = list(shown())
    assert len(configurations) >= 4
    for configuration in configurations:
        read_settings(at_hand(configuration, tmp_path), {"NETBOX_TOKEN": TOKEN})


def test_each_option_is_documented_with_its_default():
    assert set(DOCUMENTED) == set(SCHEMA["properties"])
    for name, schema in SCHEMA["properties"].items():
        if schema.get("default") not in (None, {}):
            assert DOCUMENTED[name]["default"] == schema["default"], name


@pytest.mark.parametrize("name", ["webhook", "catch_up", "ready", "connection", "feedback"])
def test_each_option_of_an_option_is_documented_with_its_default(name):
    schema = SCHEMA["properties"][name]
    schema = next((part for part in schema.get("anyOf", ()) if part.get("type") == "object"), schema)
    documented = DOCUMENTED[name]["suboptions"]
    assert set(documented) == set(schema["properties"])
    for option, written in schema["properties"].items():
        if written.get("default") not in (None, {}):
            assert documented[option]["default"] == written["default"], option
    assert {option for option, written in documented.items() if written.get("required")} == set(schema.get("required", ()))
