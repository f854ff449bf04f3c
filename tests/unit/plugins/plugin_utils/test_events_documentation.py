# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/events.md says of events is so: its examples and its tables are tried on the code that reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.generic import SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import ATTRIBUTES, KINDS, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.reading import read_payload
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases import own_events
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.admission import admitted
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.decisions import Open, Suppress
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import ANNOUNCED, CasePolicy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Storm

from .store.promises.examples import add_case

DOCUMENT = (Path(__file__).absolute().parents[4] / "docs" / "events.md").read_text(encoding="utf-8")
ENVELOPE, PAYLOAD, READ = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
RULE, ADAPTER = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL))
CONTEXT = AdapterContext(source="monitor", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new")
INVENTORY = Snapshot({"localhost": {}, "web-01": {}})


def section(title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)[1]


def in_first_column(text: str) -> list[str]:
    """Return the words that the first cells of tables hold as code."""
    return [word for line in text.splitlines() if line.startswith("|") for word in re.findall("`([^`]+)`", line.split(" | ")[0])]


def read(payload: object, adapter: object = None):
    mistakes = Mistakes()
    name, settings = read_adapter(adapter, "adapter", mistakes)
    mistakes.raise_if_any()
    (event,) = read_payload(payload, adapter=name, settings=settings, context=CONTEXT)
    return event


@pytest.mark.parametrize("put", [ENVELOPE, {"payload": ENVELOPE}, {"body": json.dumps(ENVELOPE)}])
def test_the_envelope_is_read_wherever_it_is_and_filled_as_the_table_says(put):
    event = read({**put, "mine": 1})

    assert event.to_mapping().items() >= {**ENVELOPE, "id": "new", "source": "monitor", "subject": "web-01", "time": CONTEXT.received_at}.items()
    assert (event.severity, event.dedup_key, event.extra["mine"]) == ("warning", "alert/DiskFull/web-01", 1)


def test_every_attribute_has_a_row():
    assert set(in_first_column(section("The envelope"))) == {*ATTRIBUTES, "alert.*", "request.*"}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"type": "alert.firing", "data": {"name": "A", "fingerprint": "f"}, "subject": "s"}, {"dedup_key": "alert/A/f", "severity": "warning"}),
        ({"type": "alert.resolved", "data": {"name": "A"}, "subject": "s"}, {"dedup_key": "alert/A/s"}),
        ({"type": "alert.firing", "data": {"name": "/var 90%"}, "subject": "s"}, {"dedup_key": "alert/%2Fvar 90%25/s"}),
        ({"type": "alert.firing"}, {"dedup_key": "alert//new", "subject": ""}),
        ({"type": "request.report", "subject": "s"}, {"dedup_key": "request.report/new", "severity": "info"}),
        ({"type": "host.changed", "subject": "s"}, {"dedup_key": "host.changed/s", "severity": "info"}),
        ({"type": "host.changed"}, {"dedup_key": "host.changed/new"}),
        ({"type": "log.matched", "data": {"severity": "Critical"}}, {"severity": "critical"}),
        ({"type": "log.matched", "data": {"severity": "page"}, "hosts": "a"}, {"severity": "warning", "hosts": ["a"], "subject": "a"}),
        ({"type": "x", "severity": "page"}, {"type": RECEIVED}),
        ({"type": "x", "subject": None, "hosts": []}, {"subject": "", "hosts": []}),
    ],
)
def test_the_defaults(attributes, expected):
    assert read({"specversion": "1.0", **attributes}).to_mapping().items() >= expected.items()


def test_the_kinds_of_types():
    kinds = {}
    for line in section("Types").splitlines():
        first, _separator, kind = line.strip("| ").partition(" | ")
        if (kind := kind.partition(" | ")[0]) in KINDS:
            kinds.update(dict.fromkeys(re.findall("`([^`]+)`", first) or ["host.changed"], kind))

    of_sources = {"log.matched", "aws.<service>.<what happened>", "scale.temporary_*"}
    assert set(kinds) == {"alert.firing", "alert.*", "log.*", "request.*", "event.received", "host.changed", *of_sources}
    assert kinds == {name: kind_of(name) for name in kinds}


def test_the_adapter_reads_the_example_as_shown():
    event = read(PAYLOAD, ADAPTER["adapter"]).to_mapping()

    assert event.items() >= READ.items()
    assert event["payload"] == PAYLOAD["payload"]


def test_the_adapters_keys_are_those_that_are_named():
    listed = re.search(r"^The keys are (.*?) Each but", section("The adapter generic"), re.DOTALL | re.MULTILINE)[1]

    assert set(re.findall("`([^`]+)`", listed)) - {"data.name"} == SCHEMA["properties"].keys()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": "unheard of"}, {"type": RECEIVED}),
        ({"labels": {}}, {"type": RECEIVED}),
        ({"level": "unheard of"}, {"severity": "warning"}),
        ({"level": "Error"}, {"severity": "error"}),
        ({"at": 1767225600000}, {"time": "2026-01-01T00:00:00Z"}),
        ({"labels": json.dumps({"host": "web-01"})}, {"hosts": ["web-01"]}),
    ],
)
def test_what_the_adapter_makes_of_other_payloads(changes, expected):
    assert read({"payload": {**PAYLOAD["payload"], **changes}}, ADAPTER["adapter"]).to_mapping().items() >= expected.items()


def test_an_event_about_no_host_is_let_through_where_the_adapter_says_so():
    generic = {**ADAPTER["adapter"]["generic"], "hosts": {"path": "payload.labels.host", "optional": True}}
    event = read({"payload": {**PAYLOAD["payload"], "labels": {}}}, {"generic": generic})

    assert (event.type, event.hosts) == ("alert.firing", ()) and isinstance(admitted(event, INVENTORY, "enforce"), Open)


@pytest.mark.parametrize(
    ("payload", "adapter", "decision"),
    [
        ({"payload": {"anything": 1}}, None, Open),
        ({"payload": {"anything": 1}}, ADAPTER["adapter"], Suppress),
        ({**ENVELOPE, "severity": "page"}, None, Suppress),
        ({**ENVELOPE, "hosts": ["web-99"]}, None, Suppress),
        ({**ENVELOPE, "hosts": ["web-99", "web-01"]}, None, Open),
    ],
)
def test_what_becomes_of_what_cannot_be_read(payload, adapter, decision):
    event = read(payload, adapter)

    assert isinstance(admitted(event, INVENTORY, "enforce"), decision)
    assert event.type == RECEIVED or "hosts" in payload
    assert (UNREAD in event.extra) == (decision is Suppress and event.type == RECEIVED)


def test_the_routers_own_events_and_their_fields(tmp_path):
    def happen(tx):
        case = add_case(tx)
        own_events.raise_exhausted(tx, case, 2.0)
        own_events.raise_unresolved(tx, case, ["web-99"], 2.0)
        for what in ANNOUNCED:
            own_events.announce(tx, what, case, CasePolicy(announce=frozenset(ANNOUNCED)), 2.0)
        own_events.raise_storm(tx, Storm(1.0, 80, 100), ["web-01"], "why")

    store = SqliteStore(tmp_path / "store.db")
    store.run_now(happen)
    events = [row.event for row in store.run_now(lambda tx: tx.unhandled_events(99))]
    store.close()
    types, _rule, fields = section("The router's own events").partition("| field | meaning |")

    assert set(in_first_column(types)) == {event.type for event in events}
    *of_cases, of_storm = (event.data for event in events)
    named = set(in_first_column(fields))
    assert all(data.keys() == named for data in of_cases)
    assert set(re.findall("`([a-z_]+)`", re.search("`data` of `case.storm` has(.*?)`data` of the others", types, re.DOTALL)[1])) == of_storm.keys()
    assert all(row.keys() == set(re.findall("`(\\w+)`", re.search(r"oldest first: (.*?) \|", fields)[1])) for data in of_cases for row in data["history"])
    assert re.search(r'event.type == "(.*?)"', RULE[0]["condition"])[1] in {event.type for event in events}
    assert set(re.findall(r"event\.data\.(\w+)", json.dumps(RULE))) <= named
