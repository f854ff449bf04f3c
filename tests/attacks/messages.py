# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bodies of messages that somebody sends who may send to a queue, and means harm: what AWS's documentation shows, with anything in place of anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import (
    COMPOSITE_EVENT,
    COMPOSITE_MESSAGE,
    CONTRIBUTOR_EVENT,
    EVENT,
    INSTANCE_EVENT,
    MATHS_EVENT,
    MATHS_MESSAGE,
    MESSAGE,
    NOTIFICATION,
    carrying,
)
from hypothesis import strategies as st

LARGEST_BODY = 262_144  # bytes; Amazon SQS API Reference, SendMessage, as the most was for long

_ENVELOPE = {
    "specversion": "1.0",
    "id": "7",
    "source": "ours",
    "type": "request.report",
    "subject": "weekly",
    "time": "2026-01-31T12:00:00Z",
    "severity": "info",
    "hosts": ["web-01"],
    "dedup_key": "report/weekly",
    "data": {"name": "weekly"},
}
DOCUMENTED = (
    EVENT,
    MATHS_EVENT,
    COMPOSITE_EVENT,
    CONTRIBUTOR_EVENT,
    INSTANCE_EVENT,
    MESSAGE,
    MATHS_MESSAGE,
    COMPOSITE_MESSAGE,
    NOTIFICATION,
    carrying(MESSAGE),
    carrying(INSTANCE_EVENT),
    carrying(carrying(EVENT, MessageId="inner")),
    _ENVELOPE,
    carrying(_ENVELOPE),
)

# SQS takes these characters and no others: SendMessage, "MessageBody". What JSON escapes may be any.
_REFUSED_BY_SQS = re.compile("[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Raw:
    """What stands in JSON as it is, because Python writes no such thing."""

    def __init__(self, text: str) -> None:
        self.text = text


def _nested(levels: int, opening: str = '{"a":', closing: str = "}") -> _Raw:
    return _Raw(opening * levels + "1" + closing * levels)


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    -(2**63) - 1,
    _Raw("1" * 4000),
    _Raw("1" * 5000),
    _Raw("1e999"),
    _Raw("-0"),
    _Raw("NaN"),
    _Raw("Infinity"),
    _Raw("-Infinity"),
    "",
    " ",
    "\x00",
    "\x1b[2J\r\n\x07",
    "\ud800",
    "\udfff\ud800",
    "\U0001f525",
    "\ufeff\uffff\ufdd0",
    "\u202e",
    "x" * 2000,
    "{{ lookup('pipe', 'id') }}",
    "{% raw %}",
    "#jinja2:variable_start_string:'[%'",
    "$ANSIBLE_VAULT;1.1;AES256",
    "all",
    "localhost",
    "!web-01",
    "web-01,web-02",
    "case.exhausted",
    "case.opened/7",
    "aws:sqs:us-east-1:eventops",
    "aws:cloudwatch:production:us-east-1",
    "arn:aws:cloudwatch:" + ":" * 50,
    "9999-99-99T99:99:99Z",
    "2019-10-02T17:04:40.989+9999",
    "0001-01-01T00:00:00+14:00",
    [],
    {},
    [[]],
    {"": ""},
    [None] * 3,
    ["web-01"] * 1001,
    [{"name": "InstanceId", "value": {}}],
    {"InstanceId": ["i-12345678901234567", 5, None]},
    {"\x00": {"\ud800": 1}},
    {"meta": {"hosts": ["all"]}, "hosts": "all"},
    {f"key{number}": number for number in range(300)},
    _nested(60),
    _nested(65),
    _nested(500),
    _nested(3000, "[", "]"),
)


def written(value: Any) -> str:
    """Write JSON, odd as it may be."""
    raws: list[str] = []

    def as_mark(raw: _Raw) -> str:
        raws.append(raw.text)
        return f"raw {len(raws) - 1} war"

    text = json.dumps(value, default=as_mark)
    return re.sub(r'"raw (\d+) war"', lambda found: raws[int(found[1])], text)


def _paths(value: Any, here: tuple = ()) -> Iterator[tuple]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*here, key)
        yield from _paths(inner, (*here, key))


def _with(value: Any, path: tuple, odd: Any) -> Any:
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(copy[path[0]], path[1:], odd)
    return copy


def _without(value: Any, path: tuple) -> Any:
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = _without(copy[path[0]], path[1:])
    return copy


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def _changed(draw: st.DrawFn) -> Any:
    """Draw a documented payload with some of its fields otherwise; what SNS carries as text is changed within, too."""
    value = draw(st.sampled_from(DOCUMENTED))
    if "Message" in value and draw(st.booleans()):
        try:
            inner = json.loads(value["Message"])
        except ValueError:
            return {**value, "Message": draw(st.sampled_from(ODD) | _json)}
        return {**value, "Message": written(draw(_otherwise(inner)))}
    return draw(_otherwise(value))


@st.composite
def _otherwise(draw: st.DrawFn, value: Any) -> Any:
    for _change in range(draw(st.integers(1, 3))):
        paths = list(_paths(value))
        path = draw(st.sampled_from(paths)) if paths else ()
        if path and draw(st.integers(0, 5)) == 0:
            value = _without(value, path)
        else:
            value = _with(value, path, draw(st.sampled_from(ODD) | _json))
    return value


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Draw a body that SQS takes."""
    text = written(draw(_changed() | st.sampled_from(DOCUMENTED) | _json))
    how = draw(st.sampled_from(("whole", "whole", "whole", "cut", "twice", "wrapped", "padded", "text")))
    if how == "cut":
        text = text[: draw(st.integers(0, len(text)))]
    elif how == "twice" and text.startswith('{"'):
        text = text[:-1] + ", " + text[1:]
    elif how == "wrapped":
        for level in range(draw(st.integers(1, 6))):
            text = written(carrying(text, MessageId=f"level {level}"))
            if len(text) > LARGEST_BODY:
                break
    elif how == "padded":
        text = text + " " * (LARGEST_BODY - len(text.encode(errors="replace"))) if len(text) < LARGEST_BODY else text
    elif how == "text":
        text = draw(st.text(max_size=50))
    text = _REFUSED_BY_SQS.sub("?", text)
    return text.encode()[:LARGEST_BODY].decode(errors="ignore") or "?"


def corpus() -> list[str]:
    """Return bodies that a test sends through a server which takes some twenty a second: each oddity once, in a place that is read."""
    places = [
        (EVENT, ("detail", "alarmName")),
        (EVENT, ("detail", "state")),
        (EVENT, ("id",)),
        (MESSAGE, ("Trigger",)),
        (MESSAGE, ("AlarmName",)),
        (INSTANCE_EVENT, ("detail",)),
        (INSTANCE_EVENT, ("resources",)),
        (NOTIFICATION, ("MessageId",)),
        (NOTIFICATION, ("Message",)),
        (_ENVELOPE, ("data",)),
        (_ENVELOPE, ("hosts",)),
        (_ENVELOPE, ("type",)),
    ]
    made = []
    for number, odd in enumerate(ODD):
        value, path = places[number % len(places)]
        # Each has an id of its own, so that none is taken for another one that came before.
        own = (
            {"MessageId": f"odd {number}"}
            if value is NOTIFICATION
            else {"AlarmArn": f"{value['AlarmArn']}{number}"}
            if value is MESSAGE
            else {"id": f"odd {number}"}
        )
        made.append(written(_with({**value, **own}, path, odd)))
    made += ["{", '{"a": 1, "a": 2}', "null", '"' + "x" * (LARGEST_BODY - 2) + '"', "[" * LARGEST_BODY, '{"a":' * (LARGEST_BODY // 5)]
    made += [written({f"k{number}": number for number in range(12_000)}), written(carrying("[" * 5000)), "9" * LARGEST_BODY]
    return [_REFUSED_BY_SQS.sub("?", text)[:LARGEST_BODY] for text in made]
