# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a source of ours puts to the rules without a router."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import received
from ansible_collections.eventops.infra.plugins.plugin_utils.alone import UNRESOLVED, for_rules
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError

EVENT = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01", "all"], "data": {"name": "Down {{ 1 }}", "token": "s3cret"}}


def put(tmp_path, events):
    async def run():
        queue = asyncio.Queue()
        (tmp_path / "hosts.yml").write_text("all: {hosts: {localhost: {ansible_connection: local}, web-01: {}}}")
        await (await for_rules(queue, inventory=str(tmp_path / "hosts.yml"))).put(events)
        return [queue.get_nowait() for _each in range(queue.qsize())]

    return asyncio.run(run())


def test_hosts_are_exact_names_secrets_are_left_out_and_no_text_is_a_template(tmp_path):
    (event,) = put(tmp_path, EVENT)
    assert event["meta"]["hosts"] == ["web-01"] and event["neutralized"]
    assert event["data"]["token"] == "[redacted]" and "{{" not in event["data"]["name"]


def test_several_come_in_their_order_and_each_for_itself(tmp_path):
    events = [EVENT, {**EVENT, "hosts": []}, {**EVENT, "hosts": ["gone"]}, {**EVENT, "hosts": [], "eventops_unread": "no host"}]
    assert [event["meta"]["hosts"] for event in put(tmp_path, events)] == [["web-01"], ["localhost"], [UNRESOLVED], [UNRESOLVED]]


def test_what_a_source_could_not_read_does_not_run_on_the_controller(tmp_path):
    context = AdapterContext("aws:sqs:us-east-1:eventops", "2026-01-31T12:00:00Z", lambda: "1")
    events = [received({"body": "password=hunter2"}, why, context) for why in (None, "it names no host")]

    async def kept():
        queue = asyncio.Queue()
        await (await for_rules(queue)).keep(events, {})
        return [queue.get_nowait() for _event in events]

    read, unread = asyncio.run(kept())
    assert (read["meta"]["hosts"], unread["meta"]["hosts"]) == (["localhost"], [UNRESOLVED])
    assert unread["data"]["body"] == "password=[redacted]", "nobody knows what it is, so it is looked through for what looks like a secret"


def test_an_inventory_that_is_not_there_is_a_mistake():
    with pytest.raises(ConfigurationError, match="does not exist"):
        asyncio.run(for_rules(asyncio.Queue(), inventory="/no/such/inventory"))
