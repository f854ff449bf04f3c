# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each scheme of authentication and each adapter costs: processor time of one call, beside reading the body as JSON."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from timeit import Timer

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import AUTH_SCHEMA, read_auth
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import parse
from ansible_collections.eventops.infra.tests.e2e.fuzz.payloads import GENERIC, PAYLOADS
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

from .results import Table, publish

REPEAT = 5
SECRET = "a-secret-that-is-long-enough"
NOW = time.time()
BODY = json.dumps(PAYLOADS["alertmanager"]).encode()
INVENTORY = snapshot_of({"all": {"hosts": ["web-01"]}})


def test_http_parts():
    schemes = {name: _microseconds(call) for name, call in _schemes().items()}
    adapters = {name: _microseconds(call) for name, call in _adapters().items()}
    reading = {"json.loads": _microseconds(lambda: json.loads(BODY)), "strict": _microseconds(lambda: parse(BODY))}
    publish(
        "http_parts",
        {"schemes": schemes, "adapters": adapters, "reading": reading},
        _table("Knowing a sender", "scheme", schemes),
        _table("Reading a payload", "adapter", adapters),
        _table(f"Reading {len(BODY)} bytes of JSON", "", reading),
    )


def _table(title: str, what: str, found: dict[str, float]) -> Table:
    return Table(title, [what, "processor time"], [[name, f"{value:.1f} µs"] for name, value in found.items()])


def _microseconds(call: Callable[[], object]) -> float:
    timer = Timer(call, timer=time.process_time)
    number, _seconds = timer.autorange()
    return min(timer.repeat(REPEAT, number)) / number * 1e6


def _schemes() -> dict[str, Callable[[], object]]:
    signed = f"id.{NOW:.0f}.".encode() + BODY
    standard = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    known = {
        "bearer": ({"secrets": [SECRET]}, {"Authorization": f"Bearer {SECRET}"}),
        "basic": ({"users": [{"name": "ann", "password": SECRET}]}, {"Authorization": f"Basic {base64.b64encode(f'ann:{SECRET}'.encode()).decode()}"}),
        "key": ({"header": "X-Api-Key", "secrets": [SECRET]}, {"X-Api-Key": SECRET}),
        "netbox": ({"secrets": [SECRET]}, {"X-Hook-Signature": hmac.new(SECRET.encode(), BODY, hashlib.sha512).hexdigest()}),
        "github": ({"secrets": [SECRET]}, {"X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()}"}),
        "standard_webhooks": (
            {"secrets": [f"whsec_{base64.b64encode(SECRET.encode()).decode()}"]},
            {"webhook-id": "id", "webhook-timestamp": f"{NOW:.0f}", "webhook-signature": f"v1,{standard}"},
        ),
    }
    calls = {}
    for name, (settings, headers) in known.items():
        mistakes = Mistakes()
        given = mistakes.read({name: settings}, AUTH_SCHEMA, name)
        (verifier,) = read_auth(given, name, {}, mistakes)
        mistakes.raise_if_any()
        delivery = Delivery(CIMultiDictProxy(CIMultiDict(headers)), MultiDictProxy(MultiDict()), BODY, None, NOW)
        verifier.verify(delivery)
        calls[name] = lambda verifier=verifier, delivery=delivery: verifier.verify(delivery)
    return calls


def _adapters() -> dict[str, Callable[[], object]]:
    calls = {}
    for name, payload in {**PAYLOADS, "generic": {"alert": "A", "host": "web-01"}}.items():
        mistakes = Mistakes()
        _name, settings = read_adapter(GENERIC if name == "generic" else name, name, mistakes)
        mistakes.raise_if_any()
        context = AdapterContext("bench", "2026-01-31T12:00:00Z", lambda: "id", INVENTORY)
        wrapped = {"payload": payload}
        assert ADAPTERS[name].adapt(wrapped, settings=settings, context=context), name
        calls[name] = lambda adapt=ADAPTERS[name].adapt, settings=settings, wrapped=wrapped, context=context: adapt(wrapped, settings=settings, context=context)
    return calls
