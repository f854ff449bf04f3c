# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What rules read, found in the rules as ansible-rulebook itself parses them, and told apart as its templates do."""

from __future__ import annotations

import copy

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.internals import described
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.rule_reads import RuleReads, reads_of
from ansible_rulebook import rule_types
from ansible_rulebook.rules_parser import parse_rules
from ansible_rulebook.util import substitute_variables
from hypothesis import given
from hypothesis import strategies as st


def reads(rules: str) -> RuleReads:
    parsed = parse_rules(yaml.safe_load(rules), {})
    return reads_of(described(rule_types.RuleSet("rules", "all", [], parsed, rule_types.ExecutionStrategy.PARALLEL, False), {"least": 1, "sum": 2}))


def of_condition(condition: object) -> RuleReads:
    return reads(yaml.safe_dump([{"name": "rule", "condition": condition, "action": {"none": {}}}]))


def of_action(name: str, arguments: object) -> RuleReads:
    return reads(yaml.safe_dump([{"name": "rule", "condition": "true", "action": {name: arguments}}]))


def paths(found: RuleReads) -> set[str]:
    assert not found.everything
    return {".".join(path) for path in found.paths}


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ('event.type == "alert.firing"', {"type"}),
        ('event.data.labels["a b"].c > 3 and not event.data.value == event.data.other', {"data.labels.a b.c", "data.value", "data.other"}),
        ("event['payload']['alert'] is defined", {"payload.alert"}),
        ("event.data.list[0].x == 1", {"data.list"}),
        ('event.subject is match("web.*", ignorecase=true)', {"subject"}),
        ("event.subject is search(event.data.pattern)", {"subject", "data.pattern"}),
        ('event.data.rows is selectattr("name", "==", event.data.wanted)', {"data.rows", "data.wanted"}),
        ("event.data.rows is select('>=', vars.least)", {"data.rows"}),
        ("event.severity in ['critical', event.data.x]", {"severity", "data.x"}),
        ("event.data.a + event.data.b == vars.sum", {"data.a", "data.b"}),
        ("fact.host == event.subject", {"host", "subject"}),
        ("true", set()),
        ({"all": ["events.first << event.type == 'a'", "event.subject == events.first.subject", "events.m_0.data.x == 1"]}, {"type", "subject", "data.x"}),
        ({"any": ["event.a == 1", "facts.f.b == 2"]}, {"a", "b"}),
        ({"not_all": ["event.a == 1", "event.b == 2"], "timeout": "10 seconds"}, {"a", "b"}),
        ("event.meta.hosts is defined and event.meta.source.name == 'router' and event.left_out is defined", set()),
        ("event.meta.source.child == 'monitors' and event.case.attempt == 1", {"meta.source.child", "case.attempt"}),
        ("event.data.x == 1 and event.data is defined", {"data"}),
    ],
)
def test_what_a_condition_reads(condition, read):
    assert paths(of_condition(condition)) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("{{ event.data.name }} on {{ event['subject'] }}", {"data.name", "subject"}),
        ("{{ event.data.labels.team | default('none') | upper }}", {"data.labels.team"}),
        ("{{ event.data.summary.upper() }}", {"data.summary.upper"}),
        ("{{ event.data.get('x') }}", {"data"}),
        ("{{ event.data.items() | list }}", {"data"}),
        ("{{ event.data[event.data.key].x }}", {"data"}),
        ("{{ event.data.list[0].x ~ event.data.list[1:] }}", {"data.list"}),
        ("{% for label in event.data.labels %}{{ label }}{% endfor %}{{ vars.x }}", {"data.labels"}),
        ("{{ events.first.subject }}{{ events['m_1'].type }}", {"subject", "type"}),
        ("{{ event.events | map(attribute='case') | list }} {{ event.meta.hosts }} {{ event.meta.uuid }}", set()),
        ("{% if event.type %}never rendered{% endif %}", set()),
        ("{{ 'event.type' }} event.type", set()),
        ("{{ {'a': [event.type]}['a'][0] if event.data.x is defined else other.event.y }}", {"type", "data.x"}),
    ],
)
def test_what_an_actions_template_reads(text, read):
    assert paths(of_action("run_playbook", {"name": "x.yml", "extra_vars": {"deep": [{"in": text}]}})) == read


WHOLE = ["{{ event }}", "{{ event | to_json }}", "{{ event[name] }}", "{{ events }}", "{{ events.first }}", "{{ events[name].x }}", "{{ event.get('x') }}"]


@pytest.mark.parametrize("text", [*WHOLE, "{{ what nobody can read }}"])
def test_a_whole_event_is_everything(text):
    found = of_action("set_fact", {"fact": {"x": text}})
    assert found.everything and found.key_of({}, ()) is None


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ({"msg": "{{ event.type }}"}, {"type"}),
        ({"var": "event.data.x"}, {"data.x"}),
        ({"var": "events.first.subject"}, {"subject"}),
        ({"var": "some.variable"}, set()),
    ],
)
def test_what_debug_reads(arguments, read):
    assert paths(of_action("debug", arguments)) == read


@pytest.mark.parametrize("arguments", [{}, {"var": "event"}, {"var": "events.first"}, {"var": "event.*.x"}, {"var": "{{ 'event' }}"}])
def test_debug_of_all_there_is_reads_everything(arguments):
    assert of_action("debug", arguments).everything


def test_printing_an_event_is_no_reading():
    assert paths(of_action("print_event", {"pretty": True})) == set()


def test_what_stands_in_the_place_of_the_event_is_read_as_a_whole():
    assert paths(of_action("run_playbook", {"name": "x.yml", "var_root": "data.inner", "extra_vars": {"x": "{{ event.type }}"}})) == {"data.inner", "type"}
    assert paths(of_action("print_event", {"var_root": {"data": "d", "payload.alert": "p"}})) == {"data", "payload.alert"}
    assert of_action("print_event", {"var_root": "pay*"}).everything


def test_what_a_throttle_groups_by_is_read():
    found = reads("""
        - name: Throttled
          condition: event.type == "a"
          throttle: {once_within: 5 minutes, group_by_attributes: [event.subject, event.data.x]}
          action: {none: {}}
    """)
    assert paths(found) == {"type", "subject", "data.x"}


def test_events_that_a_rule_counts_go_alone():
    found = reads("""
        - name: Counting
          condition: event.type == "a"
          throttle: {accumulate_within: 5 minutes, threshold: 3, group_by_attributes: [event.subject]}
          action: {none: {}}
    """)
    assert found.key_of({"type": "a", "subject": "s"}, ()) is None
    assert found.key_of({"type": "b", "subject": "s"}, ()) is not None


def test_a_disabled_rule_reads_nothing():
    found = reads("""
        - {name: 'On', condition: event.a == 1, action: {none: {}}}
        - {name: 'Off', enabled: false, condition: event.b == 1, action: {debug: {var: event}}}
    """)
    assert paths(found) == {"a"}


def test_a_childs_own_keys_merge_only_when_no_rule_reads_them():
    found = of_condition("event.payload.x == 1 and event.type == 'a'")
    event = {"type": "a", "payload": {"x": 1}, "meta": {"source": {"child": "c"}}}
    assert found.key_of(event, {"payload"}) is None
    assert found.key_of(event, {"body"}) is not None
    of_meta = of_condition("event.meta.endpoint == 'a' and event.meta.hosts is defined")
    assert of_meta.key_of(event, {"meta"}) is None and of_meta.key_of(event, ()) is not None
    of_child = of_condition("event.meta.source.child == 'c'")
    assert of_child.key_of(event, {"meta"}) == ('"c"',)


def test_whether_its_text_was_neutralised_may_be_read():
    found = of_condition("event.neutralized == true")
    assert found.key_of({"data": {"x": "{{ evil }}"}}, ()) != found.key_of({"data": {"x": "good"}}, ())


def test_a_key_that_another_becomes_is_read_with_all_that_could_become_it():
    found = of_condition('event.data["_"] == 1 and event.labels["\uff5b"] == 1')
    assert paths(found) == {"data", "labels"}
    assert found.key_of({"data": {"": 1}}, ()) != found.key_of({"data": {}}, ())


NAMES = st.sampled_from(["a", "b", "items", "get", "_", "x y", "subject", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "ab", "{{ x }}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.dictionaries(NAMES, VALUES, max_size=4)
STEPS = (
    st.sampled_from([".a", ".b", ".items", ".get", "._", "['x y']", "['a']", "['items']", "[0]", "[-1]", "[event.a]", ".keys()", ".items()", ".get('a')"])
    | st.sampled_from([".upper()", ".count('a')", "[:1]"])
)
EXPRESSIONS = st.builds("event{}{}".format, st.lists(STEPS, max_size=4).map("".join), st.sampled_from(["", "", " | default('d')", " is defined", " | length"]))


@st.composite
def pairs(draw):
    """Make two events that have much in common."""
    one = draw(EVENTS)
    other = copy.deepcopy(one)
    for _change in range(draw(st.integers(0, 3))):
        place = other
        while place and draw(st.booleans()) and isinstance(inner := place[draw(st.sampled_from(sorted(place)))], dict):
            place = inner
        if place and draw(st.booleans()):
            del place[draw(st.sampled_from(sorted(place)))]
        else:
            place[draw(NAMES)] = draw(VALUES)
    return one, other


@given(texts=st.lists(EXPRESSIONS, min_size=1, max_size=3), events=pairs())
def test_events_with_equal_keys_are_the_same_to_every_template(texts, events):
    templates = ["{{ " + text + " }}" for text in texts]
    found = of_action("run_playbook", {"name": "x.yml", "extra_vars": dict(enumerate(templates))})
    one, other = (found.key_of(event, ()) for event in events)
    if one is not None and one == other:
        for template in templates:
            assert rendered(template, events[0]) == rendered(template, events[1])


def rendered(template: str, event: dict) -> object:
    """Render as ansible-rulebook does, what the engine gets of an event."""
    try:
        return repr(substitute_variables(template, {"event": neutralize(event)[0]}))
    except Exception as error:
        return type(error)


@given(path=st.lists(st.sampled_from(["a", "b", "x y", "_"]), min_size=1, max_size=3), events=pairs())
def test_events_with_equal_keys_agree_at_each_path_that_a_condition_reads(path, events):
    found = of_condition("event" + "".join(f'["{step}"]' for step in path) + " == 1")
    one, other = (found.key_of(event, ()) for event in events)
    if one is not None and one == other:
        assert at(events[0], path) == at(events[1], path)


def at(event: object, path: list[str]) -> object:
    value = neutralize(event)[0]
    for step in path:
        value = value.get(step, "nothing") if isinstance(value, dict) else "nothing"
    return value


def test_equal_events_have_equal_keys_and_the_key_can_be_looked_up():
    found = of_condition("event.type == 'a' and event.data.x == 1")
    one, other = ({"type": "a", "data": {"x": {"k": [1], "j": 2}, "y": y}} for y in (1, 2))
    assert found.key_of(one, ()) == found.key_of(other, ())
    assert {found.key_of(one, ()): 1}
