# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/aws_http.md and docs/azure.md say is so: their configurations are read, and their examples are tried on the adapters."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import ADAPTER_SCHEMA, read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes, read
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.event_grid_validation import EventGridValidation
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth import sns
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import AUTH_SCHEMA, read_auth

DOCS = Path(__file__).absolute().parents[4] / "docs"
AWS, AZURE = ((DOCS / name).read_text(encoding="utf-8") for name in ("aws_http.md", "azure.md"))
INVENTORY = snapshot_of({"_meta": {"hostvars": {"web-02": {"instance_id": "i-abcd1111"}}}})
ENVIRONMENT = dict.fromkeys(("EVENTBRIDGE_KEY", "EVENT_GRID_KEY", "EVENTS_TOKEN"), "0123456789abcdef0123456789abcdef")


def blocks(document, language):
    return re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL)


def endpoints():
    for document in (AWS, AZURE):
        for block in map(yaml.safe_load, blocks(document, "yaml")):
            yield from block.get("eventops.infra.http", {}).get("endpoints", {}).items()


def becomes(adapter, body, headers=None):
    mistakes = Mistakes()
    name, settings = read_adapter(adapter, "adapter", mistakes)
    mistakes.raise_if_any()
    context = AdapterContext(source="aws", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new", inventory=INVENTORY, headers=headers or {})
    (event,) = ADAPTERS[name].adapt({"payload": body}, settings=settings, context=context)
    return event.to_mapping()


def test_there_are_configurations():
    assert [path for path, _endpoint in endpoints()] == ["/sns", "/eventbridge", "/azure", "/azure", "/events"]


@pytest.mark.parametrize(("path", "endpoint"), [*endpoints()])
def test_a_configuration_can_be_read(path, endpoint):
    mistakes = Mistakes()
    auth = read({"auth": endpoint["auth"]}, {"type": "object", "properties": {"auth": AUTH_SCHEMA}})["auth"]
    assert len(read_auth(auth, f"endpoints.{path}.auth", ENVIRONMENT, mistakes)) == 1
    read({"adapter": endpoint["adapter"]}, {"type": "object", "properties": {"adapter": ADAPTER_SCHEMA}})
    read_adapter(endpoint["adapter"], f"endpoints.{path}.adapter", mistakes)
    mistakes.raise_if_any()
    assert set(endpoint) <= {"auth", "adapter", "cloudevents_origins"}


def test_an_event_of_ec2_becomes_what_is_shown():
    sent, shown, *_alarm = map(json.loads, blocks(AWS, "json"))
    assert becomes("eventbridge", sent).items() >= shown.items()


def test_an_alarm_becomes_what_is_shown():
    *_event, sent, shown = map(json.loads, blocks(AWS, "json"))
    adapter = yaml.safe_load(blocks(AWS, "yaml")[-1])["adapter"]
    event = becomes(adapter, sent)
    assert event["data"] == shown["data"] and event.items() >= shown.items()


def test_the_settings_of_sns_that_are_shown_can_be_read():
    (adapter,) = (block["adapter"] for block in map(yaml.safe_load, blocks(AWS, "yaml")) if "sns" in block.get("adapter", ()))
    message = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms", "Message": '{"server": "web-02"}'}
    assert becomes(adapter, message)["hosts"] == ["web-02"]


def test_the_rows_of_auth_sns_are_its_keys_with_their_defaults():
    table = AWS.partition("`auth.sns` has these keys")[2].partition("What a message must be")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", table, re.MULTILINE))
    properties = sns.SCHEMA["properties"]
    assert rows.keys() == properties.keys()
    assert {name: yaml.safe_load(default.strip("`")) for name, default in rows.items() if "default" in properties[name]} == {
        name: schema["default"] for name, schema in properties.items() if "default" in schema
    }


def test_the_rules_for_hosts_are_those_that_are_shown():
    rows = re.findall(r"^\| `(\w+)`[^|]*\| `(\[.*\])` \|$", AWS, re.MULTILINE)
    assert {name: yaml.safe_load(rules) for name, rules in rows} == {
        name: ADAPTERS[name].schema["properties"]["hosts"]["default"] for name in ("cloudwatch_alarm", "eventbridge", "sns")
    }


def test_an_event_of_azure_becomes_what_is_shown():
    sent, shown = map(json.loads, blocks(AZURE, "json"))
    assert becomes("eventgrid", sent).items() >= shown.items()


def test_the_subscription_to_azure_that_is_shown_is_confirmed():
    """Its validation names what was subscribed to, which is not what is in it."""
    source = re.search(r"--source-resource-id (\S+)", AZURE)[1]
    adapters = [endpoint["adapter"] for _path, endpoint in endpoints()]
    settings = next(adapter["eventgrid"] for adapter in adapters if isinstance(adapter, dict) and "eventgrid" in adapter)
    sent = json.loads(blocks(AZURE, "json")[0])[0]["topic"]
    handshake = EventGridValidation(settings["topics"])
    for topic, status in ((source, 200), (source.partition("/resourceGroups")[0], 200), (sent, 200), (f"{source}-2", 403), (f"{source}x/y", 403)):
        validation = [{"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "topic": topic, "data": {"validationCode": "c"}}]
        assert asyncio.run(handshake.answer("POST", {}, validation)).status == status, topic


def test_the_headers_of_curl_make_the_event():
    command = next(block for block in blocks(AZURE, "sh") if "curl" in block)
    headers = {name.lower(): value for name, value in re.findall(r'-H "([\w-]+): ([^"]+)"', command)}
    body = json.loads(re.search(r"-d '(.*?)'", command)[1])
    event = becomes("cloudevents", body, headers)
    assert (event["type"], event["severity"], event["hosts"]) == ("alert.firing", "critical", ["web-01", "web-02"])
    assert (event["dedup_key"], event["source"], event["data"]) == ("shop/checkout", "/shop", {"name": "CheckoutSlow"})
