# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every adapter promises, whatever a sender says: events, None or InvalidEvent."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import envelope
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from hypothesis import given
from hypothesis import strategies as st

from .examples import CONTEXT, EXAMPLES, TITLES, read

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Yield the path of everything in a value."""
    if path:
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


@st.composite
def altered(draw: st.DrawFn, payload: dict) -> dict:
    """Draw a payload with a few of its values left out, or anything in their place."""
    payload = copy.deepcopy(payload)
    for _time in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(places(payload)) or [("payload",)]))
        parent: Any = payload
        for key in above:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(JSON)
        elif isinstance(parent, dict):
            parent.pop(last, None)
    return payload


def reads_or_says_why(payload: dict, title: str) -> None:
    try:
        events = read(payload, EXAMPLES[title].adapter)
    except InvalidEvent as error:
        assert str(error)
        return
    assert events is None or (events and all(isinstance(event, Event) for event in events))
    for event in events or ():
        [again] = envelope.adapt(event.to_mapping(), settings={}, context=CONTEXT)
        assert again == event


@pytest.mark.parametrize("title", TITLES)
@given(data=st.data())
def test_no_payload_breaks_an_adapter(title, data):
    reads_or_says_why(data.draw(st.dictionaries(st.text() | st.sampled_from(["payload", "body"]), JSON, max_size=4)), title)


@pytest.mark.parametrize("title", TITLES)
@given(data=st.data())
def test_nothing_in_a_payload_of_its_kind_breaks_an_adapter(title, data):
    reads_or_says_why(data.draw(altered(EXAMPLES[title].payload)), title)


@pytest.mark.parametrize("title", TITLES)
def test_the_payload_stays_as_it_was(title):
    payload = copy.deepcopy(EXAMPLES[title].payload)
    read(payload, EXAMPLES[title].adapter)
    assert payload == EXAMPLES[title].payload


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("other", TITLES)
def test_an_adapter_takes_only_what_is_of_its_kind(title, other):
    if title == other:
        return
    try:
        assert read(EXAMPLES[other].payload, EXAMPLES[title].adapter) is None
    except InvalidEvent as error:
        assert {title, other} == {"alertmanager", "grafana"} and f"take the adapter {other}" in str(error)
