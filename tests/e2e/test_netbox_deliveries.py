# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deliveries that NetBox 4.6.8 really sent, replayed byte for byte with their headers to the endpoint that docs/netbox.md shows."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port, wait_until_it_listens

RECORDED = Path(__file__).absolute().parents[1] / "fixtures" / "netbox" / "webhooks"
SECRET = "s3cret"  # with which all of them were signed
RULES = [{"name": "Nothing", "condition": 'event.type == "never"', "action": {"none": {}}}]


@dataclass(frozen=True)
class Delivery:
    """A request as it was recorded."""

    name: str
    headers: dict[str, str]
    body: bytes


def recorded(name: str = "*") -> list[Delivery]:
    """Return recordings in the order of their names."""
    read = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(RECORDED.glob(f"{name}.json"))]
    return [Delivery(name, each["headers"], each["body"].encode()) for name, each in read]


class Receiver:
    """The page's endpoint on a port of its own."""

    def __init__(self, rulebook: Rulebook, directory: Path) -> None:
        self.rulebook = rulebook
        self.ledger = Ledger(directory / "store.db")
        self._port = free_port()
        secret = directory / "netbox.secret"
        secret.write_text(f"{SECRET}\n", encoding="ascii")
        places = {"127.0.0.1:5001": f"127.0.0.1:{self._port}", "/etc/eventops/netbox.secret": f'"{secret}"'}
        shown = yaml.safe_load(changed(block("netbox.md", "yaml", "sources:"), places))
        shown["sources"][0]["eventops.infra.router"]["store"] = str(self.ledger.store)
        rulebook.write([{"name": "NetBox", "hosts": "all", **shown, "rules": RULES}], {"web01": {}})

    def start(self) -> None:
        self.rulebook.start()
        wait_until_it_listens(self.rulebook, self._port)

    @property
    def events(self) -> list[dict]:
        """List what came from NetBox; beside it the router says which hosts nobody knows."""
        return self.ledger.events(child="netbox")

    def post(self, delivery: Delivery) -> int:
        """Send exactly these headers and this body, and return the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.putrequest("POST", "/netbox", skip_host=True, skip_accept_encoding=True)
            for name, value in delivery.headers.items():
                connection.putheader(name, value)
            connection.endheaders(delivery.body)
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def receiver(rulebook: Rulebook, directory: Path) -> Receiver:
    receiver = Receiver(rulebook, directory)
    receiver.start()
    return receiver


def test_what_netbox_sent_is_taken_once_also_after_a_restart(receiver):
    deliveries = recorded()
    bodies = {delivery.body for delivery in deliveries}
    assert len(deliveries) > len(bodies) >= 10, "some are repetitions, as NetBox makes them with RQ_RETRY_MAX"

    assert {delivery.name: receiver.post(delivery) for delivery in deliveries} == dict.fromkeys((delivery.name for delivery in deliveries), 202)
    events = receiver.events
    assert len(events) == len(bodies)
    assert {event["type"] for event in events} >= {"netbox.virtualmachine.created", "netbox.virtualmachine.updated", "netbox.ipaddress.updated"}

    receiver.rulebook.kill()
    receiver.start()
    assert {receiver.post(delivery) for delivery in deliveries} == {202}
    assert [event["event_id"] for event in receiver.events] == [event["event_id"] for event in events]
    assert SECRET not in receiver.rulebook.output + json.dumps(events)


def test_what_netbox_did_not_sign_is_refused(receiver):
    [delivery] = recorded("device_created")
    signature = delivery.headers["X-Hook-Signature"]
    [other] = recorded("vm_created_without_ip")
    forged = {
        "a changed byte": replace(delivery, body=delivery.body.replace(b"created", b"crEated", 1)),
        "the same JSON in other bytes": same_json(delivery),
        "no signature": replace(delivery, headers={name: value for name, value in delivery.headers.items() if name != "X-Hook-Signature"}),
        "an empty signature": signed(delivery, ""),
        "a signature cut short": signed(delivery, signature[:-1]),
        "the signature of another": signed(delivery, other.headers["X-Hook-Signature"]),
        "a signature and something more": signed(delivery, signature + " x"),
    }
    assert {what: receiver.post(each) for what, each in forged.items()} == dict.fromkeys(forged, 401)
    assert receiver.events == []
    assert receiver.post(delivery) == 202


def same_json(delivery: Delivery) -> Delivery:
    body = json.dumps(json.loads(delivery.body), separators=(",", ":")).encode()
    return replace(delivery, headers={**delivery.headers, "Content-Length": str(len(body))}, body=body)


def signed(delivery: Delivery, signature: str) -> Delivery:
    return replace(delivery, headers={**delivery.headers, "X-Hook-Signature": signature})
