# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every configuration of `eventops.infra.http` in the documentation is one that it takes, and its options are those that it documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils import alone
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.settings import SCHEMA, read_settings

from .shown import TOKEN, at_hand, found_in, plugin

ROOT = Path(alone.__file__).parents[2]


PLUGIN = plugin("http")


def configurations() -> Iterator[tuple[str, dict]]:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md")}
    blocks = [(name, block) for name, text in texts.items() for block in re.findall(r"```ya?ml\n(.*?)```", text, re.DOTALL)]
    for name, block in [*blocks, ("EXAMPLES", PLUGIN.EXAMPLES)]:
        if "eventops.infra.http:" in block:
            for document in yaml.safe_load_all(block):
                yield from ((name, found) for found in found_in(document, "eventops.infra.http"))


class AnyVariable(dict):
    def __missing__(self, key):
        return TOKEN

    def get(self, key, default=None):
        return TOKEN


def test_there_are_many():
    assert len([*configurations()]) >= 12


@pytest.mark.parametrize(("where", "args"), [*configurations()])
def test_a_configuration_is_one_that_is_taken(where, args, tmp_path):
    settings = read_settings(at_hand(args, tmp_path), AnyVariable())
    assert settings.endpoints


def test_the_documentation_names_every_option_with_its_default_and_choices():
    def documented(options):
        return {name: (option.get("default"), option.get("choices"), documented(option.get("suboptions", {}))) for name, option in options.items()}

    def accepted(schema, *, leaves=()):
        found = {}
        for name, option in schema.get("properties", {}).items():
            inner = option["additionalProperties"] if isinstance(option.get("additionalProperties"), dict) else option
            children = {} if name in leaves else accepted(inner, leaves=("adapter", "auth", "confirm"))
            found[name] = (option.get("default"), option.get("enum"), children)
        return found

    assert documented(yaml.safe_load(PLUGIN.DOCUMENTATION)["options"]) == accepted(SCHEMA)
