# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A burst of deliveries while NetBox's API says nothing: each is answered, because the answer waits for the store alone, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import pytest

from .followed import SECRET, VM, WATCHED, free_port, repeated, webhook

DELIVERIES = 400
MACHINES = 20


@contextmanager
def hanging(netbox):
    with netbox.fail(hang=3600):
        yield


@contextmanager
def down(netbox):
    with netbox.down():
        yield


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("silence", "workers"), [(hanging, 1), (down, 4)])
def test_a_burst_is_answered_whatever_netbox_does_and_told_of_when_it_answers_again(followed, documented, netbox, silence, workers):
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", WATCHED, secret=SECRET)
    # Without the change log being read on, what is not kept of a delivery is gone. Nobody takes events from the store meanwhile: there is no engine.
    source = followed(webhook=webhook(port), catch_up=False, timeout=5)

    async def scene():
        async with source.running():
            await source.until_begun()
            machines = [documented.ready_vm(f"web{number}", f"10.0.0.{number + 1}/24") for number in range(MACHINES)]
            await source.until(lambda: source.told().count("ready") == MACHINES)
            await source.until(lambda: not source.remembered("hint/"))
            netbox.workers = workers
            with silence(netbox):
                before, asked = len(netbox.deliveries), len(netbox.requests)
                for number in range(DELIVERIES):
                    netbox.update(VM, machines[number % MACHINES], comments=f"change {number}")
                await asyncio.to_thread(netbox.wait_for_webhooks, 60)
                burst = netbox.deliveries[before:]
                assert [delivery.status for delivery in burst] == [202] * DELIVERIES
                assert len(netbox.requests) == asked, "NetBox has answered: the test shows nothing"
                assert len(source.remembered("hint/")) == DELIVERIES
        async with source.running():
            await source.until(lambda: source.told().count("updated") >= DELIVERIES, 60)
            await source.until(lambda: not source.remembered("hint/"))

    asyncio.run(scene())
    updates = [event.data["change"]["id"] for event in source.events() if event.type.endswith(".updated")]
    assert len(updates) == len(set(updates)) == DELIVERIES
    assert not repeated(source.events())
