# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidRequestData, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.reading import read_payload
from hypothesis import given
from hypothesis import strategies as st

from .examples import CONTEXT, EXAMPLES, read

ONBOARD = {
    "type": "request.user.onboard",
    "id": "REQ-1",
    "requested_by": "grace",
    "data": {"user": "ada", "full_name": "Ada Lovelace", "email": "ada@example.com", "groups": ["staff"], "roles": ["engineer"]},
}
GOOD = {
    "request.user.onboard": ONBOARD["data"],
    "request.user.offboard": {"user": "ada", "ends_on": "2026-02-28", "transfer_to": "grace", "keep_home_days": 30},
    "request.user.role": {"user": "ada", "add_roles": ["dba"], "remove_groups": ["staff"]},
    "request.infra.provision": {"name": "test-07", "lease": "14d", "count": 2, "vcpus": 2, "tags": {"team": "web"}},
    "request.infra.extend": {"name": "test-07", "lease": "2w"},
    "request.infra.release": {"name": "test-07"},
    "request.report": {"report": "usage", "last": "30d", "send_to": ["ada@example.com"]},
}
OWN = {
    "type": "object",
    "properties": {
        "zone": {"$ref": "#/$defs/zone"},
        "ttl": {"type": "integer", "default": 300},
        "any": {},
        "note": {"type": "string", "writeOnly": True},
    },
    "required": ["zone"],
    "additionalProperties": False,
    "$defs": {"zone": {"type": "string", "pattern": "^[a-z.]+$"}},
}


def event(body, settings=None, headers=None):
    [found] = read({"payload": body}, {"request": settings or {}}, replace(CONTEXT, headers=headers or {}))
    return found


def errors(body, settings=None):
    with pytest.raises(InvalidRequestData) as caught:
        event(body, settings)
    return dict(caught.value.errors)


@pytest.mark.parametrize("type_", GOOD)
def test_a_request_of_each_type(type_):
    found = event({"type": type_, "data": GOOD[type_]})
    assert (found.type, kind_of(found.type), found.hosts, found.dedup_key) == (type_, "request", (), f"{type_}/new")
    assert found.data.items() >= GOOD[type_].items()


def test_who_asks_and_the_id_are_kept():
    found = event(ONBOARD)
    assert (found.id, found.subject, found.data["requested_by"], found.dedup_key) == ("REQ-1", "ada", "grace", "request.user.onboard/REQ-1")


@pytest.mark.parametrize("header", ["abc-1", '"abc-1"', ' "abc-1" '])
def test_an_idempotency_key_is_the_id_of_a_request_without_one(header):
    without = {key: value for key, value in ONBOARD.items() if key != "id"}
    assert event(without, headers={"idempotency-key": header}).id == "abc-1"
    assert event(ONBOARD, headers={"idempotency-key": header}).id == "REQ-1"
    assert event(without, headers={"idempotency-key": '""'}).id == "new"


def test_all_mistakes_are_said_at_once_with_their_paths():
    data = {"user": "ada lovelace", "email": "ada", "groups": ["ok", "a;b"], "password": "hunter2", "count": 1}
    found = errors({"type": "request.user.onboard", "id": "", "requested_bi": "x", "data": data})
    assert found["id"].startswith("must be what tells this request from all others")
    assert found["requested_bi"] == "unknown key, did you mean requested_by?"
    assert found["data.user"].startswith("must be a user name")
    assert found["data.full_name"].startswith("is missing; it must be the person's name")
    assert found["data.groups[1]"].startswith("must be a name")
    assert set(found) == {"id", "requested_bi", "data.user", "data.full_name", "data.email", "data.groups[1]", "data.password", "data.count"}
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("type_", GOOD)
@pytest.mark.parametrize("name", ["password", "secret", "token", "api_key", "private_key"])
def test_no_shipped_schema_takes_a_secret(type_, name):
    assert f"data.{name}" in errors({"type": type_, "data": {**GOOD[type_], name: "x"}})


@pytest.mark.parametrize(
    ("type_", "change"),
    [
        ("request.user.onboard", {"user": "ada\n"}),
        ("request.user.onboard", {"user": "-rf"}),
        ("request.user.onboard", {"user": "$(id)"}),
        ("request.user.onboard", {"full_name": "Ada\nroot::0:0::/:/bin/sh"}),
        ("request.user.onboard", {"email": "ada@example.com\nBcc: all@example.com"}),
        ("request.user.onboard", {"groups": "staff"}),
        ("request.user.onboard", {"groups": [f"g{number}" for number in range(51)]}),
        ("request.user.onboard", {"groups": ["a", "a"]}),
        ("request.user.onboard", {"ssh_public_keys": ['command="id" ssh-ed25519 ' + "A" * 68]}),
        ("request.user.onboard", {"ssh_public_keys": ["ssh-ed25519 " + "A" * 68 + "\nssh-ed25519 " + "B" * 68]}),
        ("request.user.role", {"add_roles": []}),
        ("request.infra.provision", {"name": "all"}),
        ("request.infra.provision", {"name": "web*"}),
        ("request.infra.provision", {"count": 21}),
        ("request.infra.provision", {"count": 0}),
        ("request.infra.provision", {"count": "2"}),
        ("request.infra.provision", {"count": True}),
        ("request.infra.provision", {"lease": "forever"}),
        ("request.infra.provision", {"memory_mib": 10**9}),
        ("request.infra.provision", {"tags": {"a b": "c"}}),
        ("request.report", {"report": "../../etc/passwd"}),
    ],
)
def test_the_shipped_schemas_are_bounded(type_, change):
    assert any(path.startswith(f"data.{next(iter(change))}") for path in errors({"type": type_, "data": {**GOOD[type_], **change}}))


def test_a_public_key_is_taken():
    assert event({**ONBOARD, "data": {**ONBOARD["data"], "ssh_public_keys": ["ssh-ed25519 " + "A" * 68 + " ada@laptop"]}})


def test_a_role_request_must_ask_for_something():
    assert "must have at least one of add_roles, remove_roles" in errors({"type": "request.user.role", "data": {"user": "ada"}})["data"]


@pytest.mark.parametrize("type_", ["request.user.onbord", "alert.firing", "", "request."])
def test_an_unknown_type_is_told_from_the_known(type_):
    assert errors({**ONBOARD, "type": type_})["type"].startswith("must be one of request.infra.extend, ")
    assert "did you mean request.user.onboard?" in errors({**ONBOARD, "type": "request.user.onbord"})["type"]


@pytest.mark.parametrize(
    ("body", "path"), [({"type": 5}, "type"), ({"type": "request.report", "data": []}, "data"), ({"type": "request.report"}, "data.report")]
)
def test_what_is_no_request_is_told_where(body, path):
    assert path in errors(body)


def test_types_are_limited():
    assert "type" in errors(ONBOARD, {"types": ["request.report"]})
    assert event(ONBOARD, {"types": ["request.user.onboard"]})


def test_a_schema_of_the_rulebook_replaces_or_adds():
    settings = {"schemas": {"request.dns.add": OWN, "request.user.onboard": {"type": "object"}}}
    assert event({"type": "request.dns.add", "data": {"zone": "a.b", "any": [1]}}, settings).data == {"zone": "a.b", "any": [1], "ttl": 300}
    assert event({"type": "request.user.onboard", "data": {"x": 1}}, settings).data == {"x": 1}
    assert event({"type": "request.infra.release", "data": {"name": "a"}}, settings)
    assert (
        errors({"type": "request.dns.add", "data": {"zone": "A", "note": 5}}, settings)["data.note"] == "must be a string, got a value that is not shown here"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"types": ["request.user.onbord"]}, r"adapter.request.types\[0\]: must be one of .* did you mean request.user.onboard\?"),
        ({"schemas": {"request.a": {"type": "objekt"}}}, r"adapter.request.schemas\[request.a\].type: is not JSON schema"),
        ({"schemas": {"request.a": {"properties": {"x": {"pattern": "("}}}}}, r"schemas\[request.a\].properties.x: the pattern '\(' is no regular expression"),
        ({"schemas": {"request.a": {"patternProperties": {"(": {}}}}}, r"schemas\[request.a\]: the pattern"),
        ({"schemas": {"request.a": {"$ref": "http://127.0.0.1/x"}}}, r"schemas\[request.a\]: has a reference that does not lead to .* nothing is fetched"),
        ({"schemas": {"request.a": {"items": {"$ref": "#/$defs/x"}}}}, r"schemas\[request.a\].items: has a reference"),
        ({"schemas": {"request.a": {"anyOf": [True]}}}, r"schemas\[request.a\].anyOf\[0\]: must be a mapping"),
        ({"schemas": {"alert.firing": {}}}, "adapter.request.schemas: must be a type such as request.user.onboard"),
    ],
)
def test_a_wrong_schema_is_found_at_the_start(settings, message):
    with pytest.raises(ConfigurationError, match=message):
        read({}, {"request": settings})


def test_the_host_is_where_the_rulebook_says():
    body = {"type": "request.infra.release", "data": {"name": "test-07"}}
    assert event(body).hosts == ()
    assert event(body, {"hosts": [{"label": "name"}]}).hosts == event(body, {"hosts": [{"path": "data.name"}]}).hosts == ("test-07",)


def test_an_envelope_does_not_pass_by_the_schema():
    body = {"specversion": "1.0", **ONBOARD, "data": {"user": "$(id)"}}
    name, settings = read_adapter("request", "adapter", Mistakes())
    for put in (body, {"payload": body}, {"body": json.dumps(body)}):
        assert [found.type for found in read_payload(put, adapter=name, settings=settings, context=CONTEXT)] == [RECEIVED]


@pytest.mark.parametrize(
    "data",
    [
        {f"k{number}": 1 for number in range(100_000)},
        {"groups": [{} if number % 2 else [] for number in range(300_000)]},
        {"groups": [["a;b"] * 400] * 400},
        {"x" * 100_000: 1},
        {"x\nINFO all is well": 1},
        {"groups": json.loads("[" * 500 + "]" * 500)},
    ],
)
def test_what_would_take_long_to_check_is_not_looked_at(data):
    started = time.process_time()
    [message] = errors({"type": "request.user.onboard", "data": data}).values()
    assert len(message) < 200 and time.process_time() - started < 2


def test_meta_beside_a_bare_request_is_the_sources():
    assert read({**ONBOARD, "meta": {"received_at": "now"}}, "request")
    assert "meta" in errors({**ONBOARD, "meta": {}})


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
FIELDS = sorted({field for data in GOOD.values() for field in data} | {"roles", "size", "since", "format", "reason", "manager"})


@given(st.sampled_from(sorted(GOOD)), st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON), st.booleans())
def test_whatever_is_asked_for_is_taken_or_all_that_is_wrong_is_said(type_, data, complete):
    try:
        found = event({"type": type_, "data": {**GOOD[type_], **data} if complete else data})
    except InvalidRequestData as error:
        assert error.errors and all(text for _path, text in error.errors)
    else:
        assert found.type == type_


def test_two_requests_never_share_a_key():
    assert event(ONBOARD).dedup_key != event({**ONBOARD, "id": "REQ-2"}).dedup_key
    assert EXAMPLES["request"].event["dedup_key"] != event(ONBOARD).dedup_key
