# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each scheme of authentication and each adapter costs: processor time of one call, beside reading the body as JSON."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from timeit import Timer

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.certificates import Certificates
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.roots import Roots
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import AUTH_SCHEMA, SCHEMES, read_auth
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import Verifier
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import parse
from ansible_collections.eventops.infra.tests.e2e.fuzz.payloads import GENERIC, PAYLOADS
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import NOW
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.every_sender import SECRET, SENDERS, Sender
from cryptography.x509.verification import Store

from .results import Table, publish

REPEAT = 5
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
    """Return the calls of all schemes; the certificate of SNS is at hand, as it is after the first message."""
    calls = {}
    for name, sender in SENDERS.items():
        verifier, delivery = _verifier(sender), sender.send(BODY, NOW, SECRET)
        if hasattr(verifier, "prepare"):
            asyncio.run(verifier.prepare(delivery))
        verifier.verify(delivery)
        calls[name] = lambda verifier=verifier, delivery=delivery: verifier.verify(delivery)
    assert {sender.scheme for sender in SENDERS.values()} == set(SCHEMES)
    return calls


def _verifier(sender: Sender) -> Verifier:
    if sender.scheme == "sns":
        roots = Roots(Store([amazon.ROOT]), frozenset([amazon.ROOT.subject.public_bytes()]))
        return SnsSignature(frozenset(sender.settings["topics"]), Certificates(roots, amazon.Server()))
    mistakes = Mistakes()
    given = mistakes.read({sender.scheme: sender.settings}, AUTH_SCHEMA, sender.scheme)
    (verifier,) = read_auth(given, sender.scheme, {}, mistakes)
    mistakes.raise_if_any()
    return verifier


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
