# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The real Alertmanager, asked about alerts with labels that no matcher should stumble over."""

from __future__ import annotations

import asyncio
import json
import os
import time
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.alertmanager_api import AlertmanagerApi
from ansible_collections.eventops.infra.tests.e2e import processes, prometheus
from ansible_collections.eventops.infra.tests.e2e.prometheus import ALERTMANAGER, Peer

pytestmark = prometheus.needed

LABELS = {"alertname": "ServiceDown", "instance": "web-01:9100", "service": "web"}
AWKWARD = [
    'say "hi"',
    "back\\slash",
    "\\",
    '\\"',
    "two\nlines",
    "\t",
    "größe",
    "{{ x }}",
    '{a=~"b"}',
    "a,b",
    " spaces ",
    "%22&filter=x",
    "+",
    ".*",
    "\\n",
    "€😀",
    "x" * 3000,
]


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    word = str(uuid.uuid4())
    peer = Peer(ALERTMANAGER, tmp_path_factory.mktemp("alertmanager") / "a directory", os.environ | {processes.VARIABLE: word})
    try:
        peer.start({"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]})
        yield peer
    finally:
        processes.end_all(word)


def post(alertmanager: Peer, what: str, content: object) -> None:
    request = urllib.request.Request(f"{alertmanager.url}/api/v2/{what}", json.dumps(content).encode(), {"Content-Type": "application/json"})
    assert urllib.request.urlopen(request, timeout=30).status == 200


def ask(alertmanager: Peer, labels: dict[str, str], settled_after_seconds: float = 0) -> str | None:
    event = {"data": {"monitor": "alertmanager", "labels": labels, "fingerprint": "not known"}}
    return asyncio.run(AlertmanagerApi(url=alertmanager.url, settled_after_seconds=settled_after_seconds).ask(event))


def test_what_fires_is_found_whatever_its_labels_hold_and_nothing_else_is(alertmanager):
    alerts = [{**LABELS, "text": text} for text in AWKWARD]
    post(alertmanager, "alerts", [{"labels": labels} for labels in alerts])
    assert [ask(alertmanager, labels) for labels in alerts] == ["firing"] * len(alerts)
    assert [ask(alertmanager, {**labels, "service": "other"}) for labels in alerts] == ["resolved"] * len(alerts)
    assert ask(alertmanager, {**LABELS, "text": "another"}) == "resolved"


def test_a_silenced_alert_goes_on_until_it_is_over(alertmanager):
    labels = {**LABELS, "instance": "web-02:9100"}
    post(alertmanager, "alerts", [{"labels": labels}])
    matchers = [{"name": "instance", "value": "web-02:9100", "isRegex": False}]
    post(alertmanager, "silences", {"matchers": matchers, "startsAt": at(0), "endsAt": at(3600), "createdBy": "a test", "comment": "a change"})
    assert ask(alertmanager, labels) == "firing"
    post(alertmanager, "alerts", [{"labels": labels, "startsAt": at(-60), "endsAt": at(-1)}])
    assert ask(alertmanager, labels) == "resolved"
    assert ask(alertmanager, labels, settled_after_seconds=3600) is None, "it was started only now"


def at(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
