# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/adapters.md says is so: its examples and its tables are tried on the adapters."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import nagios
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.nagios_notification import OTHER_TYPES
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.request_types import shipped_schemas
from jsonschema import Draft202012Validator

from .adapters.examples import DOCUMENT, DOCUMENT_PATH, EXAMPLES, TITLES, read, section


@pytest.mark.parametrize("title", TITLES)
def test_an_example_becomes_what_is_shown(title):
    [event] = read(EXAMPLES[title].payload, EXAMPLES[title].adapter)
    shown = EXAMPLES[title].event
    assert {key: value for key, value in event.to_mapping().items() if key in shown} == shown


@pytest.mark.parametrize("title", TITLES)
def test_every_setting_is_described(title):
    described = section("alertmanager") if title == "grafana" else section(title)
    for setting in ADAPTERS[title].schema["properties"]:
        assert f"**{setting}**" in described


def test_the_rules_for_hosts_are_rules():
    rules = yaml.safe_load(re.search(r"```yaml\n(.*?)```", section("Where the host is"), re.DOTALL)[1])
    Draft202012Validator(HOSTS_SCHEMA).validate(rules["hosts"])


def test_nagios_types_and_severities():
    text = section("nagios")
    assert all(f"`{type_}`" in text for type_ in OTHER_TYPES.values())
    assert all(f"`{word}`" in text for word in [*nagios.SEVERITIES, *nagios.SEVERITIES.values()])


def test_the_notify_command_sends_the_macros_and_nothing_that_may_be_a_secret():
    command = re.search(r"```sh\n(.*?)```", DOCUMENT_PATH.with_name("nagios.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    sent = {name.lower() for name in re.findall(r'"([A-Z]+)"', command)}
    assert sent >= {*EXAMPLES["nagios"].payload["payload"], "hostoutput", "longhostoutput", "notificationauthor", "notificationcomment"}
    assert not {name for name in sent if name.startswith("_") or "command" in name or "contact" in name}
    # Names for jq, not macros that Nagios would put into what the shell reads.
    assert not re.search(r"\$[A-Z]+\$", command)


def test_every_adapter_has_a_row():
    rows = re.findall(r"^\| (\[.*?) \| ", DOCUMENT.partition("## Where the host is")[0], re.MULTILINE)
    assert sorted(re.findall(r"\[`(\w+)`\]", "".join(rows))) == sorted(ADAPTERS.keys() - {"envelope"}), "once"


def test_every_field_of_every_request_is_listed():
    rows = dict(re.findall(r"^\| `(request\.[a-z.]+)` \| (.*) \|$", section("request"), re.MULTILINE))
    assert rows.keys() == shipped_schemas().keys()
    for type_, row in rows.items():
        schema = shipped_schemas()[type_]
        assert set(re.findall(r"\*\*`(\w+)`\*\*", row)) == set(schema["required"])
        assert all(f"`{field}`" in row for field in schema["properties"])
