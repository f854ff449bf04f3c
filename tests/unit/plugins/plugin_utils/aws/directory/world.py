# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests of the directory share: places, and a world of facts that can be looked at."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin, Question
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.answering import Answering, NotYet
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import HOLDERS, IDENTITY, Absent, Identity, Instance, Key, Listed
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import INSTANCE

HERE = Place("production", "eu-central-1", Access(profile="production"))
THERE = Place("production", "us-east-1", Access(profile="production"))
STAGING = Place("staging", "eu-central-1", Access(profile="staging"))
NUMBERS = {"production": "111111111111", "staging": "222222222222"}

_UNSAID = Origin()
ONE, TWO, THREE = "i-00000000000000001", "i-00000000000000002", "i-00000000000000003"


def on_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test on an event loop of its own."""

    @functools.wraps(test)
    def run(*args, **kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


class World:
    """Instances and other facts by place; who holds a name follows from the instances. `looked` are all looks."""

    def __init__(self, *places: Place) -> None:
        self.places = places or (HERE,)
        self.facts: dict[tuple[Place, Key], object] = {}
        self.instances: dict[Place, list[Instance]] = {place: [] for place in self.places}
        self.looked: list[tuple[Place, Key]] = []
        self.unknown = False

    def instance(self, id_: str, place: Place = HERE, dns: str = "", ip: str = "", **tags: str) -> Instance:
        """Have an instance."""
        self.instances[place].append(Instance(id_, tags, dns, ip))
        return self.instances[place][-1]

    def look(self, place: Place, key: Key):
        """Return a fact."""
        self.looked.append((place, key))
        if self.unknown:
            raise NotYet
        if (place, key) in self.facts:
            return self.facts[place, key]
        if key.kind == INSTANCE:
            return next((each for each in self.instances[place] if each.id == key.name), Absent("there is no such instance"))
        if key.kind == HOLDERS:
            return Listed(tuple(each.id for each in self.instances[place] if each.called(key.scope) == key.name))
        if key.kind == IDENTITY:
            return Identity(NUMBERS[place.account])
        return Absent(f"there is no such {key.kind}")

    def ask(self, value: str, by: str = "tag:Name", of: str = "InstanceId", place: Place = HERE, instances: bool = False, origin=_UNSAID, **beside: str):
        """Return the answer to a question."""
        return Answering(Question(by, value, of, beside, instances, origin), place, self.places, self.look).answer()

    def names(self, *args, **kwargs) -> list[str]:
        """Return the names alone, where nothing is lost."""
        answer = self.ask(*args, **kwargs)
        assert not answer.lost
        return [name for name, _value in answer.names]

    def why(self, *args, **kwargs) -> str:
        """Return why there is no name."""
        answer = self.ask(*args, **kwargs)
        (lost,) = answer.lost
        assert not answer.names
        return lost.why
