# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Envelopes of stock sources' events without a router: shape, hosts, harmlessness, and that nothing is ever raised."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.extensions.eda.plugins.event_filter import envelope
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from hypothesis import given
from hypothesis import strategies as st

GENERIC = {"generic": {"type": {"path": "payload.status", "map": {"down": "alert.firing"}}, "name": "payload.alert", "hosts": "payload.host"}}
DOWN = {"payload": {"status": "down", "alert": "WebDown", "host": "web-01"}, "meta": {"endpoint": "alerts", "headers": {"Accept": "*/*"}}}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("inventory") / "hosts.ini"
    path.write_text("web-01\nweb-02 ansible_host=192.0.2.2\nlocalhost\n[web]\nweb-01\n")
    return str(path)


def test_an_event_becomes_an_envelope_and_keeps_what_its_source_put(inventory):
    event = envelope.main(DOWN, adapter=GENERIC, inventory=inventory)

    assert (event["specversion"], event["type"], event["severity"], event["hosts"]) == ("1.0", "alert.firing", "warning", ["web-01"])
    assert event["data"] == {**DOWN["payload"], "name": "WebDown"}
    assert (event["dedup_key"], event["source"], event["neutralized"]) == ("alert/WebDown/web-01", "envelope", False)
    assert event["payload"] == DOWN["payload"]
    assert event["meta"].pop("uuid")
    assert event["meta"] == {**DOWN["meta"], "hosts": ["web-01"]}


@pytest.mark.parametrize(
    ("hosts", "limit"),
    [
        (["web-02", "web-01"], ["web-02", "web-01"]),
        (["192.0.2.2"], ["web-02"]),
        (["web-01", "web-99"], ["web-01"]),
        (["web-99"], ["eventops_unresolved"]),
        (["web"], ["eventops_unresolved"]),
        (["all", "web*", "!web-01", "~.*"], ["eventops_unresolved"]),
        ([], ["localhost"]),
    ],
)
def test_playbooks_are_limited_to_exact_names(inventory, hosts, limit):
    event = envelope.main({"specversion": "1.0", "type": "alert.firing", "hosts": hosts}, inventory=inventory)

    assert event["meta"]["hosts"] == limit


def test_without_an_inventory_no_host_is_known():
    assert envelope.main(DOWN, adapter=GENERIC)["meta"]["hosts"] == ["eventops_unresolved"]


def test_a_source_cannot_say_where_playbooks_run(inventory):
    event = envelope.main({**DOWN, "meta": {"hosts": ["web-02"], "uuid": "mine"}}, adapter=GENERIC, inventory=inventory)

    assert event["meta"]["hosts"] == ["web-01"] and event["meta"]["uuid"] != "mine"
    assert envelope.main({**DOWN, "meta": "text"}, adapter=GENERIC, inventory=inventory)["meta"]["hosts"] == ["web-01"]


def test_secrets_are_left_out_and_templates_made_harmless():
    event = envelope.main({"body": {"password": "hunter2", "badge": 7, "text": "{{ evil }}"}, "meta": {"{{ evil }}": "{% evil %}"}})
    own = envelope.main({"body": {"badge": 7, "password": "x"}}, redact=["badge"])

    assert "hunter2" not in json.dumps(event) and event["neutralized"]
    assert neutralize(event) == (event, False)
    assert own["body"] == {"badge": "[redacted]", "password": "x"}


def test_what_no_adapter_reads_is_passed_on_as_received(inventory):
    event = envelope.main({"payload": {"host": "web-01"}, "meta": {}}, inventory=inventory)

    assert (event["type"], event["data"], event["meta"]["hosts"]) == ("event.received", {"payload": {"host": "web-01"}}, ["localhost"])
    assert "eventops_unread" not in event


def test_what_could_not_be_read_is_looked_through_for_what_looks_like_a_secret(inventory):
    made = envelope.main({"payload": "user=ann pin=1234"}, inventory=inventory, adapter=GENERIC, redact=["pin"])
    assert made["data"]["payload"] == made["payload"] == "user=ann pin=[redacted]"


@pytest.mark.parametrize(
    ("event", "arguments", "why"),
    [
        ({"payload": {"status": "unheard of", "host": "web-01"}}, {"adapter": GENERIC}, "does not fit"),
        ({**DOWN, "specversion": "2.0"}, {}, "specversion"),
        ({"specversion": "1.0", "type": "case.exhausted"}, {}, "the router's"),
        ({"specversion": "1.0", "type": "x", "dedup_key": "case.storm"}, {}, "the router's"),
        (DOWN, {"adapter": "genric"}, "adapter: must be one of"),
        (DOWN, {"adapter": {"generic": {}}}, "type: is missing"),
        (DOWN, {"adapter": ["generic"]}, "adapter: must be the name"),
        (DOWN, {"redact": "password"}, "redact: must be a list"),
        (DOWN, {"inventory": 7}, "inventory: must be the path"),
    ],
)
def test_what_could_not_be_read_is_about_no_known_host_and_says_why(inventory, event, arguments, why, caplog):
    made = envelope.main(event, **{"inventory": inventory, **arguments})

    assert (made["type"], made["hosts"], made["meta"]["hosts"]) == ("event.received", [], ["eventops_unresolved"])
    assert why in made["eventops_unread"] and why in caplog.text
    if "payload" in event:
        assert made["payload"] == event["payload"]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ({"inventroy": "hosts.ini"}, "inventroy: is not an option; did you mean inventory?"),
        ({"adaptor": GENERIC}, "adaptor: is not an option; did you mean adapter?"),
        ({"event": 1}, "event: is not an option; the options are adapter, inventory, redact, source"),
    ],
)
def test_a_misspelt_option_is_said_once_and_no_playbook_runs(inventory, misspelt, meant, caplog):
    arguments = {"inventory": inventory, "source": "misspelt", **misspelt}
    named = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01"], "data": {"password": "hunter2"}}

    first, about_none, payload = (envelope.main(event, **arguments) for event in (named, {"specversion": "1.0", "type": "x"}, DOWN))

    assert (first["type"], first["hosts"], first["data"]) == ("alert.firing", ["web-01"], {"password": "[redacted]"})
    assert [each["meta"]["hosts"] for each in (first, about_none, payload)] == [["eventops_unresolved"]] * 3
    assert payload["payload"] == DOWN["payload"]
    assert caplog.text.count(meant) == 1 and [each.levelname for each in caplog.records] == ["ERROR"]


def test_that_names_are_not_looked_up_is_said_once(caplog):
    for _each in range(2):
        envelope.main(DOWN, adapter=GENERIC, source="without an inventory")

    assert caplog.text.count("without `inventory` no name of a host is looked up") == 1


@pytest.mark.parametrize("event", ["text", None, 7, float("nan"), {"": 1}, {1: {2: 3}}, {"a": object()}])
def test_anything_is_passed_on(event):
    made = envelope.main(event)

    assert made["type"] == "event.received" and made["meta"]["hosts"] == ["localhost"]
    json.dumps(made, allow_nan=False)


def test_what_is_nested_too_deeply_is_left_out():
    deep: dict = {}
    for _level in range(100):
        deep = {"a": deep}

    made = envelope.main({"specversion": "1.0", "type": "x", "data": deep})

    assert (made["type"], made["data"], made["meta"]["hosts"]) == ("event.received", {"payload": {}}, ["eventops_unresolved"])


def test_several_events_stay_several():
    first, second = envelope.main([{"n": 1}, {"n": 2}])

    assert (first["n"], second["n"]) == (1, 2) and first["id"] != second["id"]
    assert envelope.main([{"n": 1}])["n"] == 1
    assert envelope.main([]) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(["type", "hosts", "data", "meta", "specversion"]), inner),
    max_leaves=20,
)


@given(event=VALUES | st.dictionaries(st.sampled_from(["payload", "body", "meta", "specversion", "type", "hosts", "time"]), VALUES), adapted=st.booleans())
def test_whatever_comes_is_passed_on_harmless_and_with_hosts(event, adapted):
    made = envelope.main(event, adapter=GENERIC if adapted else None)

    for each in made if isinstance(made, list) else [made]:
        assert each["specversion"] == "1.0" and each["meta"]["hosts"] in (["localhost"], ["eventops_unresolved"])
        assert neutralize(each) == (each, False)
        assert not each["type"].startswith("case.")
