# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events say why the host is unknown of what they name, and a directory is told where they come from."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Answer, Lost, Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

from .cloud_payloads import COMPOSITE_EVENT, EVENT, INSTANCE_EVENT, MATHS_MESSAGE, MESSAGE, carrying

BY_LABEL, BY_PATH = [{"label": "InstanceId", "by": "tag:Name"}, "none"], [{"path": "detail.instance-id", "by": "tag:Name"}, "none"]
INSTANCE = "i-12345678901234567"


def read(adapter, body, **settings):
    """Return the event, and where the directory was told that it comes from."""
    origins = []

    def names(question):
        origins.append(question.origin)
        return Answer(lost=(Lost(question.value, "two have its name"),))

    mistakes = Mistakes()
    name, found = read_adapter({adapter: settings}, "adapter", mistakes, looks_up=True)
    mistakes.raise_if_any()
    context = AdapterContext(source="aws", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new", names=names)
    (event,) = ADAPTERS[name].adapt({"payload": body}, settings=found, context=context)
    return event, origins


def test_an_alarm_says_so_in_both_forms():
    for body in (EVENT, MESSAGE):
        event, origins = read("cloudwatch_alarm", body, hosts=BY_LABEL)
        assert event.hosts == (INSTANCE,)
        assert event.data["unresolved"] == f"{INSTANCE}: two have its name"
        assert origins == [Origin("us-east-1", "123456789012")]


def test_an_event_says_so():
    event, origins = read("eventbridge", INSTANCE_EVENT, hosts=BY_PATH)
    assert event.hosts == ("i-abcd1111",)
    assert event.data["unresolved"] == "i-abcd1111: two have its name"
    assert origins == [Origin("us-east-1", "123456789012")]


def test_a_notification_says_so():
    event, _origins = read("sns", carrying({"server": "i-abcd1111"}), hosts=[{"path": "message.server", "by": "tag:Name"}])
    assert event.hosts == ("i-abcd1111",)
    assert event.data["unresolved"] == "i-abcd1111: two have its name"
    event, _origins = read("sns", carrying(MESSAGE), cloudwatch_alarm={"hosts": BY_LABEL})
    assert event.data["unresolved"] == f"{INSTANCE}: two have its name"


def test_nothing_is_said_where_there_is_nothing_to_say():
    of_no_instance = {**INSTANCE_EVENT, "detail": {"state": "pending"}}
    for adapter, body, hosts in (("eventbridge", of_no_instance, BY_PATH), ("sns", carrying("text"), BY_PATH), ("cloudwatch_alarm", COMPOSITE_EVENT, BY_LABEL)):
        event, origins = read(adapter, body, hosts=hosts)
        assert (event.hosts, origins) == ((), [])
        assert "unresolved" not in event.data


def test_metrics_of_another_account_are_at_home_there():
    metrics = [{**metric, "AccountId": "999999999999"} for metric in MATHS_MESSAGE["Trigger"]["Metrics"]]
    alarm = {**MATHS_MESSAGE, "Trigger": {**MATHS_MESSAGE["Trigger"], "Metrics": metrics}}
    assert read("cloudwatch_alarm", alarm, hosts=BY_LABEL)[1] == [Origin("us-east-1", "999999999999")]
    metrics[0] = {**metrics[0], "AccountId": "888888888888"}
    assert read("cloudwatch_alarm", alarm, hosts=BY_LABEL)[1] == [Origin("us-east-1", "several accounts (888888888888, 999999999999)")]
    configuration = {"metrics": [{"accountId": "999999999999", **metric} for metric in EVENT["detail"]["configuration"]["metrics"]]}
    event = {**EVENT, "detail": {**EVENT["detail"], "configuration": configuration}}
    assert read("cloudwatch_alarm", event, hosts=BY_LABEL)[1] == [Origin("us-east-1", "999999999999")]
