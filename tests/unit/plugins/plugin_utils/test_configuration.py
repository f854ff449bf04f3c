# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import copy

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes, read
from hypothesis import given
from hypothesis import strategies as st

URL = {"type": "string", "pattern": "^https?://", "expected": "an http:// or https:// URL"}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "interval": {"type": "number", "minimum": 1, "default": 10},
        "mode": {"enum": ["observe", "approve", "enforce"], "default": "enforce"},
        "policy": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "attempts": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"max": {"type": "integer", "minimum": 1, "default": 3}, "backoff": {"type": "number", "default": 30}},
                },
                "cooldown": {"type": "number", "default": 300},
            },
        },
        "listen": {
            "type": ["object", "null"],
            "default": None,
            "properties": {"address": {"type": "string", "default": "127.0.0.1:5050"}},
        },
        "names": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "oneOf": [{"required": ["http"]}, {"required": ["tcp"]}],
                "properties": {
                    "name": {"type": "string"},
                    "http": {"type": "object", "required": ["url"], "properties": {"url": URL, "verify": {"type": "boolean", "default": True}}},
                    "tcp": {"type": "object", "required": ["port"], "properties": {"port": {"type": "integer", "minimum": 1, "maximum": 65535}}},
                },
            },
        },
        "severity": {"$ref": "#/$defs/path_or_constant"},
        "tokens": {"type": "array", "items": {"type": "integer"}},
        "key": {"type": "integer", "writeOnly": True},
    },
    "$defs": {
        "path_or_constant": {
            "expected": "a dotted path or {value: ...}",
            "oneOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["value"],
                    "properties": {"value": {"type": "string"}, "strict": {"type": "boolean", "default": False}},
                },
            ],
        },
    },
}


def mistakes_of(args, where=""):
    with pytest.raises(ConfigurationError) as caught:
        read(args, SCHEMA, where)
    return str(caught.value).splitlines()


def test_defaults_are_filled_in_through_nested_objects_and_a_feature_that_is_off_stays_off():
    assert read(None, SCHEMA) == {
        "interval": 10,
        "mode": "enforce",
        "policy": {"attempts": {"max": 3, "backoff": 30}, "cooldown": 300},
        "listen": None,
    }


def test_what_was_written_wins_over_defaults_and_gets_its_own_defaults():
    args = {
        "interval": 2.5,
        "policy": {"attempts": {"backoff": 1}},
        "listen": {},
        "checks": [{"name": "web", "http": {"url": "http://127.0.0.2/"}}],
        "severity": {"value": "error"},
    }
    config = read(args, SCHEMA)
    assert config["interval"] == 2.5
    assert config["policy"]["attempts"] == {"max": 3, "backoff": 1}
    assert config["listen"] == {"address": "127.0.0.1:5050"}
    assert config["checks"][0]["http"] == {"url": "http://127.0.0.2/", "verify": True}
    assert config["severity"] == {"value": "error", "strict": False}


def test_the_arguments_and_the_schema_are_left_as_they_were():
    schema = {"properties": {"list": {"default": []}, "deep": {"properties": {"on": {"default": 1}}, "type": "object"}}}
    args, before = {"deep": {}}, copy.deepcopy(schema)
    read(args, schema)["list"].append(1)
    assert args == {"deep": {}}
    assert schema == before


def test_a_whole_number_written_with_a_point_is_a_whole_number():
    value = read({"policy": {"attempts": {"max": 4.0}}}, SCHEMA)["policy"]["attempts"]["max"]
    assert (value, type(value)) == (4, int)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"policy": {"attempts": {"max": 0}}}, "policy.attempts.max: must be at least 1, got 0"),
        ({"policy": {"atempts": {}}}, "policy.atempts: unknown key, did you mean attempts?"),
        ({"policy": {"cool-down": 1}}, "policy.cool-down: unknown key, did you mean cooldown?"),
        ({"policy": {"zzz": 1}}, "policy.zzz: unknown key, the known ones are attempts and cooldown"),
        ({"interval": "abc"}, "interval: must be a number, got the string 'abc'"),
        ({"interval": "10"}, "interval: must be a number, got the string '10'; remove the quotes"),
        ({"interval": True}, "interval: must be a number, got true"),
        ({"interval": None}, "interval: must be a number, got nothing"),
        ({"mode": "observ"}, "mode: must be one of observe, approve or enforce, got the string 'observ'; did you mean observe?"),
        ({"names": "web"}, "names: must be a list, got the string 'web'; write it as a list"),
        ({"names": []}, "names: must not be empty, got an empty list"),
        ({"names": ["a", ""]}, "names[1]: must not be empty, got the string ''"),
        ({"policy": ["attempts"]}, "policy: must be a mapping, got a list of 1"),
        ({"listen": 5050}, "listen: must be a mapping or nothing, got 5050"),
        ({"checks": [{"tcp": {"port": 1}}]}, "checks[0].name: is missing; it must be a string"),
        ({"checks": [{"name": "a"}]}, "checks[0]: must have one of http or tcp, got none of them"),
        (
            {"checks": [{"name": "a", "http": {"url": "http://a"}, "tcp": {"port": 1}}]},
            "checks[0]: must have only one of http or tcp, got http and tcp; keep one of them",
        ),
        (
            {"checks": [{"name": "a", "http": {"url": "ftp://a"}}]},
            "checks[0].http.url: must be an http:// or https:// URL, got the string 'ftp://a'",
        ),
        ({"checks": [{"name": "a", "http": {}}]}, "checks[0].http.url: is missing; it must be an http:// or https:// URL"),
        ({"severity": 3}, "severity: must be a dotted path or {value: ...}, got 3"),
        ({"severity": {"valeu": "x", "value": "y"}}, "severity.valeu: unknown key, did you mean value?"),
        ({"severity": {"value": 1}}, "severity.value: must be a string, got 1"),
    ],
)
def test_a_mistake_says_where_what_was_expected_what_came_and_what_to_do(args, expected):
    assert mistakes_of(args) == [expected]


def test_all_mistakes_are_reported_at_once_each_with_the_place_in_the_rulebook():
    args = {"intervall": 1, "mode": 1, "policy": {"cooldown": "x", "attempts": {"max": -1}}}
    assert sorted(mistakes_of(args, "sources[0].eventops.infra.router")) == [
        "sources[0].eventops.infra.router.intervall: unknown key, did you mean interval?",
        "sources[0].eventops.infra.router.mode: must be one of observe, approve or enforce, got 1",
        "sources[0].eventops.infra.router.policy.attempts.max: must be at least 1, got -1",
        "sources[0].eventops.infra.router.policy.cooldown: must be a number, got the string 'x'",
    ]


def test_arguments_that_are_no_mapping_are_a_mistake_of_their_own_place():
    assert mistakes_of(["a"], "sources[1]") == ["sources[1]: must be a mapping, got a list of 1"]
    assert mistakes_of(["a"]) == ["must be a mapping, got a list of 1"]


def test_keys_that_yaml_does_not_read_as_text_are_explained():
    lines = mistakes_of({"policy": {True: 1}})
    assert "policy: has the key true, which YAML does not read as text; write it in quotes" in lines


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(number):
    assert mistakes_of({"interval": number}) == [f"interval: must be a finite number, got {number}"]


def test_secrets_are_not_shown():
    text = "\n".join(mistakes_of({"tokens": ["hunter2"], "key": "hunter2", "names": [], "interval": "postgresql://me:hunter2@db/x"}))
    assert "hunter2" not in text
    assert "tokens[0]: must be a whole number, got a string that is not shown here" in text
    assert "postgresql://me:[redacted]@db/x" in text


def test_a_long_value_does_not_flood_the_log():
    (line,) = mistakes_of({"interval": "x" * 10_000})
    assert len(line) < 200


def test_a_mistake_of_a_thousand_hosts_does_not_flood_the_log():
    lines = mistakes_of({"names": [1] * 1000})
    assert len(lines) == 51
    assert lines[-1] == "and 950 more"


def test_forms_told_apart_by_a_constant_report_the_form_that_was_meant():
    schema = {
        "oneOf": [
            {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "bearer"}, "tokens": {"type": "array"}}},
            {"type": "object", "required": ["kind", "user"], "properties": {"kind": {"const": "basic"}, "user": {"type": "string"}}},
        ]
    }
    with pytest.raises(ConfigurationError) as caught:
        read({"kind": "basic", "user": 1}, schema, "auth")
    assert str(caught.value) == "auth.user: must be a string, got 1"


def test_a_key_that_needs_another_says_so():
    schema = {"properties": {"certfile": {}, "keyfile": {}}, "dependentRequired": {"certfile": ["keyfile"]}}
    with pytest.raises(ConfigurationError) as caught:
        read({"certfile": "x"}, schema)
    assert str(caught.value) == "keyfile: is missing; certfile needs it"


def test_the_feedback_queue_that_ansible_rulebook_adds_is_no_unknown_key():
    assert read({"eda_feedback_queue": asyncio.Queue()}, SCHEMA) == read({}, SCHEMA)


def test_mistakes_of_several_checks_are_one_error():
    mistakes = Mistakes()
    assert mistakes.read({"interval": 0}, SCHEMA) is None
    assert mistakes.read({"interval": 5}, SCHEMA)["interval"] == 5
    mistakes.add("sources[1].name", "monitors is used twice; give each child its own name")
    mistakes.add("sources[1].name", "monitors is used twice; give each child its own name")
    assert mistakes
    with pytest.raises(ConfigurationError) as caught:
        mistakes.raise_if_any()
    assert str(caught.value).splitlines() == [
        "interval: must be at least 1, got 0",
        "sources[1].name: monitors is used twice; give each child its own name",
    ]


def test_no_mistake_raises_nothing():
    mistakes = Mistakes()
    assert not mistakes
    mistakes.raise_if_any()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["interval", "policy", "checks", "severity", "name", "http", "value"]) | st.text(), inner),
    max_leaves=15,
)


@given(JSON)
def test_whatever_is_written_is_read_or_refused_with_an_explanation(args):
    try:
        read(args, SCHEMA)
    except ConfigurationError as error:
        assert error.mistakes
        assert all(text for _path, text in error.mistakes)
