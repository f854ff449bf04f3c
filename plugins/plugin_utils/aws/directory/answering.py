# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How something of AWS is called: the answer to a question, made of facts. Nothing is guessed.

A name that two instances have is nobody's: in no place of the source may there be another one that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Answer, Lost, Question
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.arn import arn_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import (
    HOLDERS,
    IDENTITY,
    INSTANCE_ID,
    MACHINES,
    TAG,
    TASKS,
    Absent,
    Fact,
    Group,
    Identity,
    Instance,
    Key,
    Listed,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import (
    ANYTHING,
    CLUSTER,
    CONTAINER_INSTANCE,
    DATABASE,
    DATABASE_CLUSTER,
    GROUP,
    INSTANCE,
    SERVICE,
    TASK,
    Resource,
    resource_of,
)

# What a service, and a cluster, of ECS consist of.
_PARTS = {SERVICE: (TASKS, TASK), CLUSTER: (MACHINES, CONTAINER_INSTANCE)}
_MACHINES_THEMSELVES = (INSTANCE, TASK, CONTAINER_INSTANCE)

Look = Callable[[Place, Key], Fact]


class NotYet(Exception):
    """A fact is not known yet; whoever looks has noted which."""


class _Nameless(Exception):
    """It has no name that could be a host's; the text says why."""


class Answering:
    """Answers one question.

    :param place: where the question comes from.
    :param places: all places of the source, `place` among them.
    :param look: returns a fact, or raises NotYet.
    """

    def __init__(self, question: Question, place: Place, places: Sequence[Place], look: Look) -> None:
        self._question = question
        self._place = place
        self._places = (place, *(each for each in places if each != place))
        self._look = look

    def answer(self) -> Answer:
        """Return the names. Raises NotYet."""
        asked = self._question
        resource = resource_of(asked.value, asked.of, asked.beside)
        try:
            if resource is None:
                raise _Nameless("is no instance, no ARN, and of no dimension that AWS could be asked about")
            if resource.kind in _MACHINES_THEMSELVES or asked.instances:
                return self._of_instances(self._instances(resource))
            return Answer(names=((self._tag(resource), asked.value),))
        except _Nameless as why:
            return Answer(lost=(Lost(asked.value, str(why)),))

    def _of_instances(self, ids: Sequence[str]) -> Answer:
        if not ids:
            raise _Nameless("has no instance in service")
        names, lost = [], []

        def name(instance: str) -> None:
            try:
                names.append((self._name_of_instance(instance), instance))
            except _Nameless as why:
                lost.append(Lost(instance, str(why)))

        _for_each(ids, name)
        return Answer(tuple(names), tuple(lost))

    def _name_of_instance(self, instance: str) -> str:
        by = self._question.by
        if by == INSTANCE_ID:
            return instance
        _place, found = self._first(self._anywhere(""), Key(INSTANCE, instance))
        if not isinstance(found, Instance):
            raise _Nameless(_why(found))
        called = found.called(by)
        if not called:
            raise _Nameless(f"has no {_shown(by)}")
        holders: list[str] = []

        def add(place: Place) -> None:
            held = self._look(place, Key(HOLDERS, called, by))
            if not isinstance(held, Listed):
                raise _Nameless(f"whether another instance has the {_shown(by, called)} cannot be told: {_why(held)}")
            holders.extend(held.ids)

        _for_each(self._places, add)
        if others := sorted(set(holders) - {instance}):
            raise _Nameless(f"not only this instance has the {_shown(by, called)}, but {', '.join(others[:3])}, too: nobody knows which host is meant")
        if not holders:
            raise _Nameless(f"the {_shown(by, called)} has just been taken from it")
        return called

    def _instances(self, resource: Resource) -> Sequence[str]:
        """Return the ids of the instances that something is, runs on, or consists of."""
        if resource.kind == INSTANCE:
            return (resource.name,)
        if resource.kind == GROUP:
            _place, found = self._first(self._places_of(resource), Key(GROUP, resource.name))
            if not isinstance(found, Group):
                raise _Nameless(_why(found))
            return found.instances
        if resource.kind in (TASK, CONTAINER_INSTANCE):
            places = self._anywhere(resource.region) if resource.region else self._places_of(resource)
            return self._behind(places, Key(resource.kind, resource.name, resource.cluster))
        if resource.kind in _PARTS:
            return self._parts(resource)
        raise _Nameless(f"a {resource.kind} has no instances")

    def _parts(self, resource: Resource) -> Sequence[str]:
        listed, part = _PARTS[resource.kind]
        place, found = self._first(self._places_of(resource), Key(listed, resource.name.rpartition("/")[2], resource.cluster))
        ids: dict[str, None] = {}

        def add(arn: str) -> None:
            ids.update(dict.fromkeys(self._behind((place,), Key(part, arn, resource.cluster))))

        _for_each(_ids(found), add)
        return tuple(ids)

    def _behind(self, places: Sequence[Place], key: Key) -> Sequence[str]:
        """Return the instance that a task, or a part of a cluster, runs on."""
        place, found = self._first(places, key)
        if key.kind == TASK:
            (container,) = _ids(found)
            _place, found = self._first((place,), Key(CONTAINER_INSTANCE, container, key.scope))
        return _ids(found)

    def _tag(self, resource: Resource) -> str:
        by = self._question.by
        if not by.startswith(TAG):
            raise _Nameless(f"a {resource.kind} has no {by}; write tag:KEY, or instances: true for the instances that it consists of")
        if resource.kind in (GROUP, DATABASE, DATABASE_CLUSTER):
            _place, found = self._first(self._places_of(resource), Key(resource.kind, resource.name))
        elif resource.service:
            found = self._look(*self._completed(resource))
        else:
            _place, found = self._first(self._anywhere(resource.region), Key(ANYTHING, resource.name))
        if isinstance(found, Absent):
            raise _Nameless(_why(found))
        value = found.tags.get(by.removeprefix(TAG), "")
        if not value:
            raise _Nameless(f"has no {_shown(by)}")
        return value

    def _completed(self, resource: Resource) -> tuple[Place, Key]:
        """Return where to ask for something that a dimension names, and its ARN."""
        place = self._places_of(resource)[0]
        return place, Key(ANYTHING, arn_of(resource, place.region, self._question.origin.account or self._account_of(place)))

    def _anywhere(self, region: str) -> Sequence[Place]:
        """Return the places where something may be whose id is its own in all of AWS."""
        if found := [place for place in self._places if region in ("", place.region)]:
            return found
        raise _Nameless(f"is in {_quoted(region)}, where this source has no account")

    def _places_of(self, resource: Resource) -> Sequence[Place]:
        """Return the places of something whose name is its own in one account and region only: those that the event comes from."""
        region, account = resource.region or self._question.origin.region or self._place.region, resource.account or self._question.origin.account
        if not account:
            found = [self._place] if self._place.region == region else []
        else:
            found = [place for place in self._places if place.region == region and self._account_of(place) == account]
        if not found:
            raise _Nameless(f"is in {_quoted(f'{account}/{region}' if account else region)}, where this source has no account")
        return found

    def _account_of(self, place: Place) -> str:
        found = self._look(place, Key(IDENTITY))
        if not isinstance(found, Identity):
            raise _Nameless(_why(found))
        return found.account

    def _first(self, places: Sequence[Place], key: Key) -> tuple[Place, Fact]:
        """Return the first place that has it, and what that says; where none has it, the first place and what that says."""
        said = None
        for place in places:
            found = self._look(place, key)
            if not isinstance(found, Absent):
                return place, found
            said = said or found
        return places[0], said


def _for_each(things: Iterable, do: Callable) -> None:
    """Do something for each, to the end, so that what is not known yet is noted for all of them at once."""
    known = True
    for each in things:
        try:
            do(each)
        except NotYet:
            known = False
    if not known:
        raise NotYet


def _ids(found: Fact) -> Sequence[str]:
    if not isinstance(found, Listed):
        raise _Nameless(_why(found))
    return found.ids


def _why(found: Fact) -> str:
    return found.why if isinstance(found, Absent) else "AWS has said something else"


def _shown(by: str, value: str = "") -> str:
    named = f"tag {by.removeprefix(TAG)}" if by.startswith(TAG) else by
    return f"{named} {_quoted(value)}" if value else named


def _quoted(text: str) -> str:
    """Return what somebody wrote into AWS, or into an event: it may have line breaks and more that would look as if a log said it."""
    return ascii(text[:100])
