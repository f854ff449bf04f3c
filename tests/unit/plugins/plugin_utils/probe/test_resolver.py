# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import socket
import threading

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe import resolver as module
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive, what_went_wrong
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.resolver import Resolver


def with_resolver(work):
    async def run():
        resolver = Resolver()
        try:
            return await work(resolver)
        finally:
            await resolver.close()

    return asyncio.run(run())


def test_names_and_addresses():
    assert "127.0.0.1" in with_resolver(lambda resolver: resolver.addresses("localhost"))
    assert with_resolver(lambda resolver: resolver.addresses("127.0.0.9")) == ["127.0.0.9"]
    assert with_resolver(lambda resolver: resolver.addresses("::1")) == ["::1"]


def test_an_unknown_name_is_an_error_each_time():
    async def twice(resolver):
        for _each in range(2):
            with pytest.raises(socket.gaierror):
                await resolver.addresses("host.invalid.")

    with_resolver(twice)


def test_checks_of_one_name_share_a_lookup_and_a_cancelled_one_does_not_take_it_from_the_others(monkeypatch):
    asked, go = [], threading.Event()

    def slow(name):
        asked.append(name)
        go.wait(5)
        return ["127.0.0.9"]

    monkeypatch.setattr(module, "_look_up", slow)

    async def several(resolver):
        tasks = [asyncio.create_task(resolver.addresses("a")) for _each in range(10)]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        await asyncio.sleep(0)
        go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        results.append(await resolver.addresses("a"))
        return results

    first, *others = with_resolver(several)
    assert isinstance(first, asyncio.CancelledError)
    assert others == [["127.0.0.9"]] * 10
    assert asked == ["a"]


def test_a_name_server_that_is_away_says_nothing_about_the_target():
    assert what_went_wrong(socket.gaierror(socket.EAI_NONAME, "Name or service not known")) == "the name is unknown: Name or service not known"
    with pytest.raises(Inconclusive):
        what_went_wrong(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
