# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What webhooks may do wrong: come twice, out of order, too early, for nothing, or never."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import urllib.error
import urllib.request

import pytest

from .followed import SECRET, VM, WATCHED, free_port, repeated, webhook


@pytest.fixture(name="hooked", params=["both", "webhook"])
def _hooked(request, netbox, followed):
    """Return a source with a listener that NetBox posts to."""
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", WATCHED, secret=SECRET)
    alone = {"catch_up": False} if request.param == "webhook" else {"catch_up": {"interval": 3600, "overlap": 5}}
    return followed(webhook=webhook(port), **alone)


def test_a_delivery_that_comes_again_is_no_other_event(hooked, documented, netbox):
    async def scene():
        async with hooked.running():
            await hooked.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            netbox.update(VM, vm, comments="x")
            await hooked.until(lambda: hooked.told(vm)[-1:] == ["updated"])
            count = len(hooked.events())
            netbox.redeliver(*netbox.deliveries)
            await asyncio.to_thread(netbox.wait_for_webhooks)
            await asyncio.sleep(1)
            assert len(hooked.events()) == count

    asyncio.run(scene())
    assert not repeated(hooked.events())


def test_deliveries_out_of_order_are_told_in_the_order_of_the_changes(hooked, documented, netbox):
    dice = random.Random(1)
    netbox.workers = 4
    netbox.worker.pause = lambda _delivery: dice.random() / 20

    async def scene():
        async with hooked.running():
            await hooked.until_begun()
            machines = [documented.ready_vm(f"web{number}", f"10.0.0.{number}/24") for number in range(1, 6)]
            for number in range(60):
                netbox.update(VM, machines[number % 5], comments=f"{number}")
            await asyncio.to_thread(netbox.wait_for_webhooks)
            await hooked.until(lambda: hooked.told().count("updated") >= 60)
            return machines

    machines = asyncio.run(scene())
    statuses = {delivery.status for delivery in netbox.deliveries}
    assert statuses == {202}
    for vm in machines:
        numbers = [event.data["change"]["id"] for event in hooked.events() if event.data["object"]["id"] == vm]
        assert numbers == sorted(numbers)
    assert not repeated(hooked.events())


def test_an_update_that_changed_nothing_is_no_event(hooked, documented, netbox):
    async def scene():
        async with hooked.running():
            await hooked.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24", comments="same")
            await hooked.until(lambda: hooked.told(vm) == ["created", "ready"])
            netbox.update(VM, vm, comments="same")
            await asyncio.to_thread(netbox.wait_for_webhooks)
            assert netbox.deliveries[-1].status == 202
            await asyncio.sleep(1)
            assert hooked.told(vm) == ["created", "ready"]

    asyncio.run(scene())


def test_what_was_rolled_back_is_no_event(hooked, documented, netbox):
    async def scene():
        async with hooked.running():
            await hooked.until_begun()
            changes = netbox.begin()
            phantom = changes.create(VM, name="okvm", cluster=documented.cluster["id"])["id"]
            changes.rollback()
            await asyncio.to_thread(netbox.wait_for_webhooks)
            sent = [delivery for delivery in netbox.deliveries if b"okvm" in delivery.body]
            assert [delivery.status for delivery in sent] == [202]
            if hooked.args["catch_up"]:
                await hooked.until(lambda: not hooked.remembered("hint/"))  # it was looked for as long as a transaction may take
            else:
                await asyncio.sleep(2)
            return phantom

    phantom = asyncio.run(scene())
    assert hooked.told(phantom) == []


def test_a_delivery_before_the_commit_is_told_of_when_it_is_committed(hooked, documented, netbox):
    async def scene():
        async with hooked.running():
            await hooked.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            await hooked.until(lambda: hooked.told(vm) == ["created", "ready"])
            netbox.update(VM, vm, comments="x")
            await hooked.until(lambda: hooked.told(vm)[-1] == "updated")
            sent = next(delivery.body for delivery in netbox.deliveries if b'"comments": "x"' in delivery.body)
            changes = netbox.begin()
            changes.update(VM, vm, comments="y")
            body = sent.replace(b'"comments": "x"', b'"comments": "y"').replace(json.loads(sent)["request_id"].encode(), changes.request_id.encode())
            assert await asyncio.to_thread(_post, hooked.args["webhook"], body) == 202
            await asyncio.sleep(1)
            assert hooked.told(vm).count("updated") == 1
            changes.commit()
            await hooked.until(lambda: hooked.told(vm).count("updated") == 2)

    asyncio.run(scene())
    assert not repeated(hooked.events())


def test_a_change_whose_delivery_is_lost_is_read(followed, documented, netbox):
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", WATCHED, secret=SECRET)
    source = followed(webhook=webhook(port))

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            await source.until(lambda: source.told(vm) == ["created", "ready"])
            netbox.queue_is_down = True
            with pytest.raises(urllib.error.HTTPError, match="500"):
                await asyncio.to_thread(_patch, netbox, vm, {"comments": "lost"})
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated"])
            assert b'"comments": "lost"' not in netbox.deliveries[-1].body
            netbox.queue_is_down = False
            netbox.update(VM, vm, comments="sent")
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated", "updated"])

    asyncio.run(scene())


def test_strangers_are_sent_away_and_told_of(followed, documented, netbox, caplog):
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", WATCHED, secret="another secret than ours, long enough")
    source = followed(webhook=webhook(port), catch_up=False)

    async def scene():
        async with source.running():
            await source.until_begun()
            documented.ready_vm("web01", "10.0.0.11/24")
            await asyncio.to_thread(netbox.wait_for_webhooks)
            await asyncio.sleep(0.5)
            assert not source.remembered("hint/")

    asyncio.run(scene())
    assert {delivery.status for delivery in netbox.deliveries} == {401}
    assert caplog.text.count("a delivery to /netbox from 127.0.0.1 was refused") == 1
    assert source.events() == []


def _patch(netbox, vm: int, fields: dict) -> None:
    headers = {**netbox.header(), "Content-Type": "application/json"}
    url = f"{netbox.url}/api/virtualization/virtual-machines/{vm}/"
    urllib.request.urlopen(urllib.request.Request(url, data=json.dumps(fields).encode(), headers=headers, method="PATCH"), timeout=10).close()


def _post(settings: dict, body: bytes) -> int:
    signature = hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()
    request = urllib.request.Request(
        f"http://{settings['listen']}{settings['path']}", data=body, headers={"Content-Type": "application/json", "X-Hook-Signature": signature}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status
