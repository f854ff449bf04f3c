# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module netbox_event_rule, run by the real ansible-playbook."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import Operator

RULE = "extras.eventrule"
READY = {"and": [{"attr": "primary_ip4", "value": None, "negate": True}, {"attr": "status.value", "value": "active"}]}


def rule(state: str = "present", **data: object) -> dict:
    """Return a task about the event rule "ready"."""
    return {"netbox_event_rule": {"state": state, "data": {"name": "ready"} | data}}


def made_webhook(netbox: Running, name: str = "events") -> int:
    """Make a webhook, as a task before would."""
    return netbox.create("extras.webhook", name=name, payload_url="http://127.0.0.1:1/", secret="s3cret")["id"]


def test_a_rule_is_created_changed_left_alone_and_deleted(operator: Operator, netbox: Running) -> None:
    webhook = made_webhook(netbox)
    netbox.create("extras.tag", name="Event Ops", slug="event-ops")
    new = rule(object_types=["virtualization.virtualmachine"], event_types=["object_updated"], conditions=READY, action_object="events", tags=["Event Ops"])
    same = rule(
        object_types=["virtualization.virtualmachine"],
        event_types=["object_updated"],
        conditions={"and": [{"attr": "status.value", "value": "active", "op": "eq"}, READY["and"][0]]},
        action_type="webhook",
        action_object=webhook,
        tags=["event-ops"],
    )

    run, results = operator.do(
        new,
        same,
        rule(description="with an address"),
        rule(object_types=["dcim.device", "virtualization.virtualmachine"], enabled=False, conditions={}, tags=[]),
        rule("absent"),
        rule("absent"),
        options=["--diff"],
    )

    assert run.rc == 0, run.output
    assert [result["changed"] for result in results] == [True, False, True, True, True, False]
    assert [result["msg"].removeprefix("event rule ready ") for result in results] == [
        "created",
        "is as it should be",
        "changed",
        "changed",
        "deleted",
        "is as it should be",
    ]
    created, _same, described, changed, deleted, _absent = results
    assert created["event_rule"]["conditions"] == READY
    assert created["event_rule"]["action_object_id"] == webhook
    assert [tag["slug"] for tag in created["event_rule"]["tags"]] == ["event-ops"]
    assert described["diff"] == {"before": {"description": ""}, "after": {"description": "with an address"}}
    assert changed["diff"]["before"]["enabled"] is True
    assert changed["diff"]["after"] == {
        "conditions": None,
        "enabled": False,
        "object_types": ["dcim.device", "virtualization.virtualmachine"],
        "tags": [],
    }
    assert changed["event_rule"]["conditions"] is None
    assert deleted["event_rule"]["name"] == "ready"
    assert netbox.all(RULE) == []


def test_only_what_differs_is_sent(operator: Operator, netbox: Running) -> None:
    made_webhook(netbox)

    operator.do(rule(object_types=["dcim.device"], action_object="events"), rule(object_types=["dcim.device"], action_object="events", description="devices"))

    (patch,) = [asked for asked in netbox.requests if asked.method == "PATCH"]
    assert patch.body == {"description": "devices"}


def test_check_mode_says_what_would_be_and_changes_nothing(operator: Operator, netbox: Running) -> None:
    webhook = made_webhook(netbox)
    netbox.create(RULE, name="ready", object_types=["dcim.device"], event_types=["object_created"], action_type="webhook",
                  action_object_type="extras.webhook", action_object_id=webhook)  # fmt: skip
    before = netbox.all(RULE)
    to_come = {"netbox_event_rule": {"data": {"name": "new", "object_types": ["dcim.device"], "action_object": "not there yet"}}}

    run, (same, changed, deleted, created) = operator.do(
        rule(object_types=["dcim.device"], action_object="events"), rule(enabled=False), rule("absent"), to_come, options=["--check", "--diff"]
    )

    assert run.rc == 0, run.output
    assert [result["changed"] for result in (same, changed, deleted, created)] == [False, True, True, True]
    assert changed["event_rule"]["enabled"] is False
    assert created["event_rule"]["event_types"] == ["object_created", "object_updated", "object_deleted"]
    assert "NetBox has no webhook with the name not there yet yet; the rule needs one" in run.text
    assert netbox.all(RULE) == before
    assert {asked.method for asked in netbox.requests} == {"GET"}


def test_what_is_wrong_is_told_with_its_place(operator: Operator, netbox: Running) -> None:
    made_webhook(netbox)
    whole = {"object_types": ["virtualization.virtualmachine"], "action_object": "events"}

    _run, results = operator.do(
        rule(**whole | {"conditions": {"AND": [READY["and"][0]]}}),
        rule(**whole | {"conditions": {"and": [{"attr": "status.value", "op": "is", "value": "active", "negate": 1}]}}),
        rule(action_object="events"),
        rule(object_types=["dcim.device"]),
        rule(**whole | {"action_object": "of nobody"}),
        rule(**whole | {"action_object": ["events"]}),
        rule(**whole | {"tags": ["unknown"]}),
        rule(**whole | {"object_types": ["virtualization.vm"]}),
        rule(**whole | {"event_types": ["object_moved"]}),
        rule(**whole | {"action_type": "mail"}),
    )

    assert all(result["failed"] for result in results)
    for result, said in zip(
        results,
        [
            'data.conditions: must be {and: [...]}, {or: [...]} or one condition with attr, op, value, negate, got the key "AND"',
            "data.conditions.and[0].op: must be one of eq, gt,",
            "the event rule ready does not exist, and a new one needs data.object_types",
            "the event rule ready does not exist, and a new one needs data.action_object",
            "data.action_object: NetBox has no webhook with the name of nobody; make it first",
            "data.action_object: must be the name of a webhook or its number",
            "data.tags: NetBox has no tag with the slug or the name unknown; make it first",
            "NetBox refused POST /api/extras/event-rules/ with 400: object_types",
            "NetBox refused POST /api/extras/event-rules/ with 400: event_types",
            "value of action_type must be one of: webhook, script, notification, got: mail found in data",
        ],
        strict=True,
    ):
        assert said in result["msg"]
    assert "data.conditions.and[0].negate: must be true or false, got 1" in results[1]["msg"]
    assert netbox.all(RULE) == []


def test_a_netbox_that_is_too_old_or_has_no_worker_is_warned_of(operator: Operator, netbox: Running) -> None:
    netbox.version, netbox.workers = "3.7.8", 0

    run, (status,) = operator.do({"netbox_status_info": {"netbox_token": netbox.token_v1}})

    assert (status["version"], status["workers"], status["changed"]) == ("3.7.8", 0, False)
    assert "NetBox 3.7.8 is older than 4.0" in run.text
    assert "no background worker of NetBox runs" in run.text


def test_a_netbox_that_cannot_be_asked_is_told(operator: Operator, netbox: Running) -> None:
    elsewhere = {"netbox_event_rule": {"netbox_url": "http://127.0.0.1:1", "data": {"name": "ready"}, "state": "absent"}}
    not_allowed = {"netbox_event_rule": {"netbox_token": "nbt_wrong.wrong", "data": {"name": "ready"}, "state": "absent"}}

    nowhere = {"netbox_event_rule": {"netbox_url": "netbox.example.com", "data": {"name": "ready"}, "state": "absent"}}

    _run, (elsewhere, not_allowed, nowhere) = operator.do(elsewhere, not_allowed, nowhere)

    assert "NetBox could not be asked for GET /api/extras/event-rules/ at http://127.0.0.1:1/api" in elsewhere["msg"]
    assert "NetBox refused GET /api/extras/event-rules/ with 403: Invalid v2 token" in not_allowed["msg"]
    assert nowhere["msg"] == "netbox_url: must be where NetBox is, such as https://netbox.example.com, got 'netbox.example.com'"
