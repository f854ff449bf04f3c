# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every configuration of `eventops.infra.cloudwatch` in the documentation is one that it takes, and its options are those that it documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import settings as alarms
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.schema import SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import settings as logs
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues import settings as queues
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError

from .shown import ROOT, at_hand, found_in, plugin

QUEUE = {"queues": [{"name": "eventops"}], "region": "eu-central-1"}


@pytest.fixture(autouse=True)
def _profiles(tmp_path, monkeypatch):
    """The profiles that the documentation names are there."""
    (tmp_path / "config").write_text("".join(f"[profile {name}]\nregion = eu-central-1\n" for name in ("test", "eventops", "monitoring")))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)


PLUGIN = plugin("cloudwatch")
NUMBERS = {"integer": "int", "number": "float"}
DOCUMENTED = yaml.safe_load(PLUGIN.DOCUMENTATION)["options"]


def shown() -> Iterator[dict]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))]
    blocks = [block for text in texts for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    for block in [*blocks, PLUGIN.EXAMPLES]:
        if "eventops.infra.cloudwatch:" in block:
            yield from found_in(yaml.safe_load(block), "eventops.infra.cloudwatch")


def test_what_the_documentation_shows_is_taken(tmp_path):
    configurations = list(shown())
    assert len(configurations) >= 2
    for configuration in configurations:
        read_settings(at_hand(configuration, tmp_path), {"AWS_REGION": "eu-central-1", "EVENTOPS_EXTERNAL_ID": "us"})


def documented_as_it_is(schema: Mapping, documented: Mapping) -> None:
    assert set(documented) == set(schema["properties"])
    for name, written in schema["properties"].items():
        if written.get("default") not in (None, {}):
            assert documented[name]["default"] == written["default"], name
        if written.get("type") in NUMBERS:
            assert documented[name]["type"] == NUMBERS[written["type"]], name
    assert {name for name, written in documented.items() if written.get("required")} == set(schema.get("required", ()))


def test_each_option_is_documented_with_its_default():
    documented_as_it_is(SCHEMA, DOCUMENTED)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("accounts", SCHEMA["properties"]["accounts"]["items"]),
        ("labels", SCHEMA["properties"]["labels"]["items"]),
        ("queues", queues.SCHEMA),
        ("alarms", alarms.SCHEMA),
        ("logs", logs.SCHEMA),
    ],
)
def test_each_option_of_an_option_is_documented_with_its_default(name, schema):
    documented_as_it_is(schema, DOCUMENTED[name]["suboptions"])


@pytest.mark.parametrize(
    ("args", "mistakes"),
    [
        ({"region": "eu-central-1"}, {"": "must have queues, alarms or logs: without them nothing would be heard of AWS"}),
        ({**QUEUE, "queue": []}, {"queue": None}),
        ({**QUEUE, "queues": [{"name": "eventops", "receivers": 0}, {}]}, {"queues[0].receivers": None, "queues[1]": None}),
        ({**QUEUE, "regoin": "", "queues": [{"name": "eventops", "wait": 40}, "eventops"]}, {"regoin": None, "queues[0].wait": None, "queues[1]": None}),
        ({**QUEUE, "hosts": ["localhost"], "logs": [{"groups": "/app"}]}, {"hosts[0]": None, "logs[0].groups": None}),
        ({"queues": [{"name": "eventops"}]}, {"queues[0].region": None}),
        ({"alarms": [{}, {"prefix": "web-"}], "logs": [{"groups": ["/app"]}]}, {"region": None}),
        ({**QUEUE, "alarms": [{"regions": ["eu-west-1"], "accounts": ["test"]}]}, {"alarms[0].accounts": "must be among aws, got test"}),
        ({**QUEUE, "logs": [{"prefix": "/app/", "from": "yesterday"}]}, {"logs[0].from": None}),
    ],
)
def test_all_mistakes_are_said_at_once_with_their_places(args, mistakes):
    with pytest.raises(ConfigurationError) as refused:
        read_settings(args, {})
    found = dict(refused.value.mistakes)
    assert set(found) == set(mistakes)
    assert all(text is None or found[path] == text for path, text in mistakes.items())


def test_a_queue_is_read_where_its_url_says():
    settings = read_settings({"queues": [{"url": "https://sqs.eu-west-3.amazonaws.com/123456789012/eventops"}]}, {})
    assert [str(place) for _queue, place in settings.queues] == ["aws/eu-west-3"] and [str(place) for place in settings.places] == ["aws/eu-west-3"]
