# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules' documentation says they take is what they take: ansible-test compares neither, as the code is an action plugin's."""

from __future__ import annotations

import importlib

import pytest
import yaml
from ansible_collections.eventops.infra.extensions.eda.plugins.event_filter import envelope
from ansible_collections.eventops.infra.plugins.doc_fragments.router import ModuleDocFragment
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.router_action import STORE

PLUGINS = "ansible_collections.eventops.infra.plugins"
MODULES = ["case", "case_info", "case_note", "event"]
OTHERS = ["onboarding_info", "verified_ssh"]


def options_of(module: str) -> dict:
    documentation = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    documented = documentation["options"]
    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"] if "extends_documentation_fragment" in documentation else {}
    return {name: {key: value for key, value in option.items() if key != "description"} for name, option in {**documented, **shared}.items()}


@pytest.mark.parametrize("module", MODULES)
def test_every_option_is_documented_as_it_is(module):
    arguments = importlib.import_module(f"{PLUGINS}.action.{module}").ActionModule.ARGUMENTS

    assert options_of(module) == {**arguments, **STORE}


@pytest.mark.parametrize("module", OTHERS)
def test_every_option_of_the_other_modules_is_documented_as_it_is(module):
    assert options_of(module) == importlib.import_module(f"{PLUGINS}.action.{module}").ARGUMENTS


@pytest.mark.parametrize("module", MODULES + OTHERS)
def test_the_examples_use_options_that_there_are(module):
    options = options_of(module)
    known = set(options) | {alias for option in options.values() for alias in option.get("aliases", ())}
    examples = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").EXAMPLES)
    used = [task[f"eventops.infra.{module}"] for task in examples if f"eventops.infra.{module}" in task]

    assert used
    for arguments in used:
        assert arguments.keys() <= known
        for name, value in arguments.items():
            choices = options.get(name, {}).get("choices")
            assert choices is None or value in choices


def test_the_filter_envelope_takes_what_it_says():
    options = yaml.safe_load(envelope.DOCUMENTATION)["options"]
    (ruleset,) = yaml.safe_load(envelope.EXAMPLES)
    (given,) = [each["eventops.infra.envelope"] for each in ruleset["sources"][0]["filters"]]

    code = envelope.main.__code__
    assert list(options) == list(code.co_varnames[1 : code.co_argcount])
    assert options["redact"]["default"] == list(DEFAULT_WORDS)
    assert given.keys() <= options.keys()
    mistakes = Mistakes()
    read_adapter(given["adapter"], "adapter", mistakes)
    mistakes.raise_if_any()
