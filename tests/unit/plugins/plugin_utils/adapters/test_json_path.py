# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import json_path
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.json_path import InvalidQuery, compiled
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from hypothesis import given
from hypothesis import strategies as st

from .examples import read

PAYLOAD = {
    "payload": {
        "state": "down",
        "alerts": [{"host": "web-01", "level": 3}, {"host": "web-02", "level": 5}, {"host": None}, {"other": 1}],
        "owners": ["ada", "grace"],
    }
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$.payload.state", ["down"]),
        ("$['payload']['alerts'][0]['host']", ["web-01"]),
        ("$.payload.alerts[-1].other", [1]),
        ("$.payload.alerts[*].host", ["web-01", "web-02", None]),
        ("$..level", [3, 5]),
        ("$.payload.alerts[?@.level > 3].host", ["web-02"]),
        ("$.payload.alerts[?match(@.host, 'web-.*')].level", [3, 5]),
        ("$.elsewhere", []),
    ],
)
def test_a_query_finds_what_rfc_9535_says(query, found):
    assert compiled(query).all_in(PAYLOAD) == found


@pytest.mark.parametrize("query", ["$.a[", "$ ", "$.a.~", "$.a | $.b", "$.a[?nothing(@)]", "$.a[?@.x =~ /y/]", "$x", "$" + "[?@" * 2000])
def test_what_is_no_jsonpath_is_refused(query):
    with pytest.raises(InvalidQuery, match="must be JSONPath as in RFC 9535, got "):
        compiled(query)


@pytest.mark.parametrize("function", ["match", "search"])
def test_a_regular_expression_never_comes_with_an_event(function):
    """Its sender could make the search last for hours."""
    with pytest.raises(InvalidQuery, match="takes a regular expression that is written in the query"):
        compiled(f"$.alerts[?{function}(@.text, @.pattern)]")


def test_what_is_nested_too_deeply_cannot_be_looked_through():
    with pytest.raises(InvalidEvent, match=r"^\$\.\.a: "):
        compiled("$..a").all_in({"payload": json.loads("[" * 300 + "]" * 300)})


def event(payload=None, **settings):
    [found] = read(PAYLOAD if payload is None else payload, {"generic": {"type": {"value": "alert.firing"}, **settings}})
    return found


def test_the_adapter_takes_all_hosts_and_else_the_first():
    found = event(
        type={"path": "$.payload.state", "map": {"down": "alert.firing"}},
        hosts="$.payload.alerts[*].host",
        subject="$.payload.alerts[*].host",
        severity={"path": "$..level", "map": {"3": "error"}},
        name="payload.state",
        data="$.payload.alerts[1]",
    )
    assert (found.hosts, found.subject, found.severity, found.data) == (
        ("web-01", "web-02"),
        "web-01",
        "error",
        {**PAYLOAD["payload"]["alerts"][1], "name": "down"},
    )


def test_one_value_that_is_a_list_of_hosts_is_that_list():
    assert event(hosts="$.payload.owners").hosts == ("ada", "grace")


def test_a_host_that_is_not_found_is_no_reason_to_run_on_the_controller():
    with pytest.raises(InvalidEvent, match=r"hosts: nothing is at \$\.payload\.nowhere"):
        event(hosts="$.payload.nowhere")
    assert event(hosts={"path": "$.payload.nowhere", "optional": True}).hosts == ()


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"hosts": "$.a["}, "adapter.generic.hosts"),
        ({"severity": {"path": "$.a["}}, "adapter.generic.severity.path"),
        ({"data": "$ "}, "adapter.generic.data"),
    ],
)
def test_a_wrong_query_is_a_mistake_where_it_stands(settings, where):
    with pytest.raises(ValueError, match=f"{where}: must be JSONPath"):
        event(**settings)


def test_without_the_library_the_rulebook_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(json_path, "JSONPathEnvironment", None)
    with pytest.raises(ValueError, match="adapter.generic.hosts: needs the Python package python-jsonpath"):
        event(hosts="$.payload.host")
    assert event(hosts="payload.owners").hosts == ("ada", "grace"), "dotted paths need nothing"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ab") | st.text(), inner)
)


@given(JSON)
def test_whatever_comes_is_an_event_or_does_not_fit_or_is_refused(value):
    try:
        events = read(
            {"payload": value}, {"generic": {"type": "$..a", "hosts": {"path": "$..b", "optional": True}, "severity": "$..[?@.a > 1].b", "time": "$..b"}}
        )
    except InvalidEvent:
        return
    assert events is None or len(events) == 1


@given(st.text("$.[]?@'*ab()<=,:-0 "))
def test_any_text_is_a_query_or_is_refused(text):
    try:
        compiled(f"${text}").all_in(PAYLOAD)
    except (InvalidQuery, InvalidEvent):
        return
