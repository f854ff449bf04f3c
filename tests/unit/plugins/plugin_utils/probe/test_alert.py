# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.alert import alert
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.announcement import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import CommandCheck, HttpCheck, Target

WEB = Target(
    host="web-01",
    name="web",
    check=HttpCheck("https://user:hunter2@192.0.2.10:8081/health?key=hunter2"),
    interval=10,
    timeout=5,
    rise=2,
    fall=3,
    severity="error",
    alert="ServiceDown",
    description="The shop",
)


def firing(**changes):
    return alert(WEB, Message.FIRING, **{"source": "probe:here", "since": 1000.5, "now": 1020.0, "error": "status 503, expected 2xx", **changes})


def test_an_outage():
    assert firing() == {
        "specversion": "1.0",
        "id": "web-01/web/alert.firing/1970-01-01T00:16:40.500000Z/0",
        "source": "probe:here",
        "type": "alert.firing",
        "subject": "web-01",
        "time": "1970-01-01T00:17:00Z",
        "severity": "error",
        "hosts": ["web-01"],
        "dedup_key": "alert/ServiceDown/web-01/web",
        "data": {
            "name": "ServiceDown",
            "severity": "error",
            "summary": "web on web-01 is down: status 503, expected 2xx",
            "description": "The shop",
            "labels": {"service": "web", "check": "http"},
            "fingerprint": "web-01/web",
            "monitor": "probe",
            "starts_at": "1970-01-01T00:16:40.500000Z",
            "value": "status 503, expected 2xx",
            "url": "https://192.0.2.10:8081/health",
        },
    }


def test_a_recovery_says_when_the_outage_began_and_ended():
    event = alert(WEB, Message.RESOLVED, source="probe:here", since=2000.0, now=2010.0, down_since=1000.0, error="of before")
    assert event["type"] == "alert.resolved"
    assert event["dedup_key"] == firing()["dedup_key"]
    assert (event["data"]["starts_at"], event["data"]["ends_at"]) == ("1970-01-01T00:16:40Z", "1970-01-01T00:33:20Z")
    assert event["data"]["summary"] == "web on web-01 is up again"
    assert "value" not in event["data"]


def test_the_identifier_tells_announcements_apart_and_not_their_deliveries():
    assert firing(now=1.0)["id"] == firing(now=2.0)["id"]
    assert len({firing()["id"], firing(count=1)["id"], firing(since=3.0)["id"]}) == 3


def test_the_event_is_one_that_intake_takes_as_it_is():
    target = Target("h" * 253, "ü" * 100, CommandCheck(("true",)), 1, 1, 1, 1, "info", "ü" * 100)
    event = alert(target, Message.FIRING, source="probe:here", since=0.0, now=0.0, error="\x00{{ bad }}")
    taken = event_from_attributes(event, source="x", received_at="x", new_id=lambda: "x")
    assert taken.to_mapping() == event
