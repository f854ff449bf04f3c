# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What comes between a rule that has taken events and its actions: whose events they are, and whether the actions may begin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum

from .followed import Followed, FollowedEvents, uuid_of
from .internals import RunningRuleset, events_of, meta_of

logger = logging.getLogger(__name__)


class Verdict(Enum):
    """Whether actions may begin now. ASK_AGAIN: something has changed since they could not."""

    GO = "go"
    ASK_AGAIN = "ask again"
    NEVER = "never"


Ask = Callable[[Sequence[str]], Awaitable[Verdict]]


class Matches:
    """See each match of the ruleset's rules before its actions begin.

    What this router put in an earlier life is left to it: what became of a dispatch is in its store, and it sends it out again where that is
    right; what it puts again is matched with the same other events. What it put in this life gets its dispatch's uuid back. An event that one of
    a dispatch's own actions made (post_event) is the dispatch's: it gets the same uuid, so that its playbooks are followed, and the same hosts,
    since without any Ansible would take all.

    An event that was parked holds no host any more. A rule that takes it later (a throttle's time is over, the other event of an `all:` has come)
    is held until the router says that its actions may begin.

    :param roots: the paths of what a rule's actions get in the place of the event (`var_root`), by the rule's name.
    :param source_name: the router's `meta.source.name`.
    :param generation: tells what was put in this life.
    """

    def __init__(
        self, ruleset: RunningRuleset, roots: Mapping[str, Sequence[str]], followed: FollowedEvents, source_name: str, generation: str
    ) -> None:
        self._ruleset = ruleset
        self._roots = roots
        self._followed = followed
        self._source_name = source_name
        self._generation = generation
        self._asking: set[asyncio.Task] = set()
        self.may_begin: Ask | None = None

    def callback(self, rule: str, begin: Callable) -> Callable:
        """Make the callback that stands before a rule's own, which begins its actions."""
        roots = self._roots.get(rule, ())

        def begin_followed(match) -> None:
            for event in events_of(match):
                _mark(event, roots)
            begin(match)

        def on_match(match) -> None:
            self._take(match, begin_followed)

        return on_match

    def close(self) -> None:
        """Begin nothing more of what is held."""
        for task in self._asking:
            task.cancel()

    def _take(self, match, begin: Callable) -> None:
        ours = []
        for event in events_of(match):
            meta = meta_of(event)
            source = meta.get("source")
            if not isinstance(source, Mapping):
                continue
            if source.get("type") == "internal":
                if self._adopt(meta):
                    ours.append(event)
            elif source.get("name") != self._source_name:
                continue
            elif source.get("generation") != self._generation:
                logger.info("a match that the engine kept of an earlier life is left to the router: %s", uuid_of(event))
                self._ruleset.forget(match)
                return
            else:
                meta["uuid"] = uuid_of(event)
                ours.append(event)
        if not ours:
            begin(match)
        elif any(followed.parked for followed in self._alive(ours)):
            self._hold(match, ours, begin)
        else:
            self._begin(match, ours, begin)

    def _adopt(self, meta: dict) -> bool:
        """Make an event that an action made belong to what the action is for; tell whether that is ours."""
        acting = self._followed.acting()
        if acting:
            meta["uuid"] = acting[0].uuid
            if not meta.get("hosts"):
                meta["hosts"] = list(acting[0].hosts)
        return bool(acting)

    def _alive(self, events: Sequence[Mapping]) -> list[Followed]:
        found = (self._followed.get(uuid) for uuid in dict.fromkeys(map(uuid_of, events)))
        return [followed for followed in found if followed is not None]

    def _hold(self, match, ours: Sequence[dict], begin: Callable) -> None:
        """Begin a match's actions when they may."""
        concerned = self._alive(ours)
        for followed in concerned:
            followed.held += 1

        def let_go(task: asyncio.Task) -> None:
            self._asking.discard(task)
            for followed in concerned:
                followed.held -= 1
                followed.changed.set()

        task = asyncio.create_task(self._begin_when_it_may(match, ours, begin), name="eventops held match")
        self._asking.add(task)
        task.add_done_callback(let_go)

    async def _begin_when_it_may(self, match, ours: Sequence[dict], begin: Callable) -> None:
        try:
            while alive := self._alive(ours):  # a dispatch that ends meanwhile is not waited for
                for followed in alive:
                    await followed.settled.wait()
                verdict = await self.may_begin([followed.uuid for followed in alive])
                if verdict is Verdict.GO:
                    break
                if verdict is Verdict.NEVER:
                    logger.info("a rule took what is over meanwhile, its actions do not begin: %s", _told(ours))
                    self._ruleset.forget(match)
                    return
            self._begin(match, ours, begin)
        except Exception:
            logger.exception("the actions of a rule that took %s cannot begin", _told(ours))

    def _begin(self, match, ours: Sequence[dict], begin: Callable) -> None:
        alive = self._alive(ours)
        if not alive:
            logger.info("a rule took what is over, its actions do not begin: %s", _told(ours))
            self._ruleset.forget(match)
            return
        followed_uuids = {followed.uuid for followed in alive}
        for event in ours:
            if uuid_of(event) not in followed_uuids:
                _only_told_of(event)
        for followed in alive:
            followed.parked = False
            followed.matched()
        begin(match)


def _only_told_of(event: dict) -> None:
    """Have the actions of a match see an event whose dispatch they are not for: nothing is done to its hosts, and nothing is reported for it."""
    meta = meta_of(event)
    meta.pop("hosts", None)
    meta["uuid"] = f"over {uuid_of(event)}"


def _mark(event: Mapping, roots: Sequence[str]) -> None:
    """Have what a playbook gets in the place of the event tell the event's uuid, by which its outcome is followed."""
    for root in roots:
        value: object = event
        for step in root.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, dict) and isinstance(own := value.setdefault("meta", {}), dict):
            own["uuid"] = uuid_of(event)


def _told(events: Sequence[Mapping]) -> str:
    return ", ".join(str(uuid_of(event)) for event in events)
