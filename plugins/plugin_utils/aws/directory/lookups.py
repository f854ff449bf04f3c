# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looking facts up in AWS: whoever asks at the same time shares requests, and for each kind of fact one request is under way at a time.

So a storm makes them larger, and not more of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, DENIED, MISSING, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.cache import Cache
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Absent, Fact, Key
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.inquiries import INQUIRIES, Inquiry
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.singling_out import asked_for_each
from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients

logger = logging.getLogger(__name__)

_GATHERING_SECONDS = 0.01  # for others to ask, too, before a request is made

# Each cluster of ECS is asked about for itself, and ECS takes some 20 requests a second.
MOST_AT_ONCE = 8

# Before anything else can be asked, the account's role has to be assumed.
_ROLES = {name: f"sts:{name}" for name in ("AssumeRole", "AssumeRoleWithWebIdentity")}

_Line = tuple[Place, str, str]  # a place, a kind and a scope: what can be asked for in one request


class Lookups:
    """The requests of one source for facts, which go to its cache. What AWS does not let us ask counts as not known, and /healthz says so."""

    def __init__(self, clients: Clients, keeper: Keeper, cache: Cache, inquiries: Mapping[str, Inquiry] | None = None) -> None:
        self._clients = clients
        self._keeper = keeper
        self._cache = cache
        self._inquiries = INQUIRIES if inquiries is None else inquiries
        self._coming: dict[tuple[Place, Key], asyncio.Future[Fact | BaseException]] = {}
        self._waiting: dict[_Line, list[Key]] = {}
        self._asking: dict[_Line, asyncio.Task] = {}
        self._denied: dict[tuple[Place, str], str] = {}
        self._turns: defaultdict[tuple[Place, str], asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MOST_AT_ONCE))

    async def fetch(
        self, wanted: Iterable[tuple[Place, Key]], learned: Callable[[tuple[Place, Key], Fact], None] = lambda key, fact: None
    ) -> dict[tuple[Place, Key], Fact]:
        """Return facts. Raises AWS_ERRORS but for what is denied or missing.

        :param learned: gets the facts, also where another one could not be had.
        """
        coming = {each: self._ask_for(*each) for each in dict.fromkeys(wanted)}
        if coming:
            await asyncio.wait(coming.values())
        found: dict[tuple[Place, Key], Fact] = {}
        failed: BaseException | None = None
        for each, future in coming.items():
            fact = future.result()
            if isinstance(fact, BaseException):
                failed = failed or fact
            else:
                found[each] = fact
                learned(each, fact)
        if failed is not None:
            raise failed
        return found

    async def close(self) -> None:
        """Ask no more."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _ask_for(self, place: Place, key: Key) -> asyncio.Future[Fact | BaseException]:
        future = self._coming.get((place, key))
        if future is None:
            future = self._coming[place, key] = asyncio.get_running_loop().create_future()
            line = (place, key.kind, key.scope)
            self._waiting.setdefault(line, []).append(key)
            if line not in self._asking:
                self._asking[line] = asyncio.create_task(self._serve(line), name=f"eventops directory {key.kind}")
        return future

    async def _serve(self, line: _Line) -> None:
        """Make the requests of a line, one after another, until nobody waits."""
        place, kind, _scope = line
        inquiry = self._inquiries[kind]
        try:
            await asyncio.sleep(_GATHERING_SECONDS)
            while waiting := self._waiting.pop(line, None):
                for keys in batches(waiting, inquiry.most):
                    try:
                        async with self._turns[place, inquiry.service]:
                            found: Mapping[Key, Fact] | BaseException = await self._ask(line, inquiry, keys)
                    except Exception as error:  # whoever waits is to have it, whatever it is
                        found = error
                    self._tell(place, keys, found)
        finally:
            del self._asking[line]
            # Only where it was cancelled is somebody left.
            for key in [key for (where, key) in self._coming if where == place and key.kind == kind and key.scope == line[2]]:
                self._coming.pop((place, key)).cancel()

    def _tell(self, place: Place, keys: Sequence[Key], found: Mapping[Key, Fact] | BaseException) -> None:
        for key in keys:
            future = self._coming.pop((place, key))
            if not isinstance(found, BaseException):
                self._cache.put(place, key, found[key])
            if not future.done():
                future.set_result(found if isinstance(found, BaseException) else found[key])

    async def _ask(self, line: _Line, inquiry: Inquiry, keys: Sequence[Key]) -> Mapping[Key, Fact]:
        place, _kind, scope = line
        by_name = {key.name: key for key in keys}

        def learned(some: Mapping[str, Fact]) -> None:
            for name in by_name.keys() & some.keys():
                self._cache.put(place, by_name[name], some[name])

        async def ask(names: Sequence[str]) -> Mapping[str, Fact]:
            return await inquiry.ask(await self._clients.get(place, inquiry.service), names, scope)

        try:
            found = await asked_for_each(list(by_name), ask, learned)
        except AWS_ERRORS as error:
            failure = failure_of(error)
            if failure.kind == DENIED:
                action = _ROLES.get(getattr(error, "operation_name", ""), inquiry.action)
                self._deny(place, action, failure.text)
                return dict.fromkeys(keys, Absent(f"AWS does not let us ask ({action})"))
            if failure.kind == MISSING:
                return dict.fromkeys(keys, Absent(inquiry.absent))
            raise
        for action in (inquiry.action, *_ROLES.values()):
            self._allow(place, action)
        return {key: found.get(key.name) or Absent(inquiry.absent) for key in keys}

    def _deny(self, place: Place, action: str, text: str) -> None:
        if self._denied.get((place, action)) == text:
            return
        self._denied[place, action] = text
        logger.error("cloudwatch: hosts (%s): %s; somebody has to grant %s, until then hosts that are looked up by it are not known", place, text, action)
        self._keeper.trouble(f"hosts {place} {action}", f"{text}; somebody has to grant {action}")

    def _allow(self, place: Place, action: str) -> None:
        if self._denied.pop((place, action), None) is not None:
            logger.warning("cloudwatch: hosts (%s): %s is allowed now", place, action)
            self._keeper.trouble(f"hosts {place} {action}", None)
