# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events of the probe."""

from __future__ import annotations

from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.announcement import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import HttpCheck, Target
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch
from yarl import URL

MONITOR = "probe"


def alert(
    target: Target,
    message: Message,
    *,
    source: str,
    since: float,
    now: float,
    down_since: float | None = None,
    count: int = 0,
    error: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """Build the envelope of one announcement.

    The identifier depends on the state's beginning and on `count`, not on `now`: handed over twice, it is one event.

    :param source: the attribute `source`.
    :param since: when the state began, in seconds since the epoch.
    :param now: when the announcement is made, in seconds since the epoch.
    :param down_since: when the outage began, for a recovery that ends a known one.
    :param count: which announcement of this state it is, from 0.
    :param error: what the check last found wrong.
    :param note: why a problem counts as over, when not because the check passed.
    """
    firing = message is Message.FIRING
    began = since if firing else down_since
    what = f"{target.name} on {target.host}"
    data: dict[str, Any] = {
        "name": target.alert,
        "severity": target.severity,
        "summary": f"{what} is down: {error}" if firing else note or (f"{what} is up" if down_since is None else f"{what} is up again"),
        "description": target.description,
        "labels": {"service": target.name, "check": target.check.kind},
        "fingerprint": target.fingerprint,
        "monitor": MONITOR,
        "starts_at": None if began is None else from_epoch(began),
        "ends_at": None if firing else from_epoch(since),
        "value": error if firing else None,
        "url": _public_url(target.check.url) if isinstance(target.check, HttpCheck) else None,
    }
    return Event(
        id=f"{target.fingerprint}/{message.value}/{from_epoch(since)}/{count}",
        source=source,
        type=message.value,
        subject=target.host,
        time=from_epoch(now),
        severity=target.severity,
        hosts=(target.host,),
        dedup_key=target.dedup_key,
        data={key: value for key, value in data.items() if value not in (None, "")},
        extra={},
    ).to_mapping()


def _public_url(url: str) -> str:
    """Leave out what may be a secret: the user and the query."""
    parsed = URL(url)
    return str(parsed.with_user(None).with_query(None).with_fragment(None))
