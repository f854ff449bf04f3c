# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/cloudwatch_polling.md says is so: its configurations are read, and its event is what is made of such lines."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import settings as of_alarms
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import settings as of_logs
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.telling import Teller
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.window import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, snapshot_of

TEXT = (Path(__file__).absolute().parents[5] / "docs" / "cloudwatch_polling.md").read_text(encoding="utf-8")
STREAM = "i-0123456789abcdef0"
READERS = {"alarms": of_alarms.read, "logs": of_logs.read}


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def entries():
    for block in map(yaml.safe_load, blocks("yaml")):
        source = block[0]["sources"][0]["eventops.infra.router"]["sources"][0]["eventops.infra.cloudwatch"] if isinstance(block, list) else block
        yield from ((name, entry) for name in READERS for entry in source.get(name, ()))


def read_entry(name, entry):
    mistakes = Mistakes()
    settings = READERS[name](entry, f"{name}[0]", mistakes)
    mistakes.raise_if_any()
    return settings


def test_there_are_configurations():
    assert [name for name, _entry in entries()] == ["alarms", "alarms", "logs"]


@pytest.mark.parametrize(("name", "entry"), [*entries()])
def test_a_configuration_can_be_read(name, entry):
    read_entry(name, entry)


def test_what_is_shown_as_the_default_is_the_default():
    alarms, logs = of_alarms.Settings("alarms[0]"), of_logs.Settings("logs[0]")
    shown = [entry for _name, entry in entries()]
    assert (shown[1]["interval"], shown[1]["overlap"], shown[1]["from"]) == (alarms.interval_seconds, alarms.overlap_seconds, alarms.start)
    written = {"interval": logs.interval_seconds, "window": logs.window_seconds, "samples": logs.samples, "overlap": logs.overlap_seconds, "from": logs.start}
    assert {key: shown[2][key] for key in written} == written


def test_the_event_is_what_is_made_of_such_lines():
    shown = next(json.loads(block) for block in blocks("json") if "log.matched" in block)
    settings = read_entry(*list(entries())[2])
    keeper = SimpleNamespace(inventory=Inventory(None))
    keeper.inventory.snapshot = snapshot_of({"_meta": {"hostvars": {"web-01": {"instance_id": STREAM}}}})
    around = Around(keeper, None, _Directory(), lambda: 0.0, str)
    place = Place("production", "eu-central-1")
    window = Window(1769860800000, 1769860860000)
    window.add(Line("1", 1769860801250, STREAM, "..."), "0" * 16, 1)
    for number in range(213):
        window.add(Line(f"{number}", 1769860858000, STREAM, shown["data"]["message"]), "0" * 16, 1)
    teller = Teller(place, settings, around, Asker(around, place, "logs[0]", SimpleNamespace()))
    (event,) = asyncio.run(teller.events("/var/log/shop", [window]))
    made = event.to_mapping()
    assert {key: made[key] for key in shown} == shown
    assert made["hosts"] == ["web-01"]


class _Directory:
    async def read(self, place, read, known=None):
        return read(lambda question: None)


def test_policies_name_what_is_called():
    policies = [json.loads(block) for block in blocks("json") if "Statement" in block]
    actions = [action for each in policies for statement in each["Statement"] for action in _listed(statement["Action"])]
    called = {"cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory", "tag:GetResources", "logs:DescribeLogGroups", "logs:FilterLogEvents"}
    assert set(actions) == called
    assert _listed(policies[0]["Statement"][0]["Action"]) == ["cloudwatch:DescribeAlarms"]


def _listed(value):
    return [value] if isinstance(value, str) else value
