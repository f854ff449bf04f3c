# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask Alertmanager whether an alert is over: it tells of that only once in its group_interval, five minutes by default.

The requests and answers are those of https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml. Whom to ask is configured; what a
payload names as its sender's URL is never asked.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.certificates import trust
from ansible_collections.eventops.infra.plugins.plugin_utils.web.bounded_get import TooLarge, UnexpectedStatus, bounded_get, bounded_session
from yarl import URL

from .alertmanager_matchers import matchers_of

logger = logging.getLogger(__name__)

MONITOR = "alertmanager"
_FIRING, _RESOLVED = "firing", "resolved"
_MOST_BODY_BYTES = 1024 * 1024
_ALL_STATES = {"active": "true", "silenced": "true", "inhibited": "true"}


class NoAnswer(Exception):
    """Alertmanager did not say what was asked; the message says what it did."""


@dataclass(frozen=True, slots=True)
class AlertmanagerApi:
    """One Alertmanager, or whatever answers for its cluster.

    `url` is what its own pages begin with. `settled_after_seconds` is how long it must have been up before an alert that it does not know counts
    as over: after a start it knows only what has been sent again since. `authorization` is the value of that header. `cafile` are the
    certificates to trust; None: the system's.
    """

    url: str
    timeout_seconds: float = 10
    settled_after_seconds: float = 120
    authorization: str | None = field(default=None, repr=False)
    cafile: str | None = None

    async def ask(self, event: Mapping[str, Any]) -> str | None:
        """Return "firing" or "resolved", or None for what is no alert of Alertmanager's and when it gives no clear answer."""
        data = event.get("data")
        if not isinstance(data, Mapping) or data.get("monitor") != MONITOR or not isinstance(data.get("labels"), Mapping):
            return None
        try:
            return await self._answer(data)
        except TimeoutError:
            why = f"no answer within {self.timeout_seconds:g} s"
        except NoAnswer as error:
            why = str(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = f"{type(error).__name__} {error}"
        logger.warning("%s could not be asked whether an alert is over: %s", self.url, " ".join(why.split()))
        return None

    async def _answer(self, data: Mapping[str, Any]) -> str:
        async with asyncio.timeout(self.timeout_seconds), self._session() as session:
            if await self._is_firing(session, data):
                return _FIRING
            await self._must_have_settled(session)
            return _RESOLVED

    async def _is_firing(self, session: aiohttp.ClientSession, data: Mapping[str, Any]) -> bool:
        matchers = [("filter", matcher) for matcher in matchers_of(data["labels"])]
        alerts, _answered_at = await self._get(session, "alerts", [*_ALL_STATES.items(), *matchers])
        if not isinstance(alerts, list) or not all(isinstance(alert, Mapping) for alert in alerts):
            raise NoAnswer("its answer is no list of alerts; is this the URL of an Alertmanager?")
        return any(alert.get("fingerprint") == data.get("fingerprint") or alert.get("labels") == data["labels"] for alert in alerts)

    async def _must_have_settled(self, session: aiohttp.ClientSession) -> None:
        if not self.settled_after_seconds:
            return
        status, answered_at = await self._get(session, "status", [])
        try:
            up = (answered_at - datetime.fromisoformat(status["uptime"])).total_seconds()
        except (TypeError, KeyError, ValueError) as error:
            raise NoAnswer("its status does not say since when it is up") from error
        if up < self.settled_after_seconds:
            raise NoAnswer(f"it does not know the alert, but it was started only {up:.0f} s ago, and may not have been told of it again yet")

    def _session(self) -> aiohttp.ClientSession:
        authorization = {"Authorization": self.authorization} if self.authorization else {}
        return bounded_session({"Accept": "application/json", **authorization})

    async def _get(self, session: aiohttp.ClientSession, what: str, query: list[tuple[str, str]]) -> tuple[Any, datetime | None]:
        """Return what a GET answers, and when it did by the clock over there."""
        url = URL(self.url) / "api/v2" / what
        try:
            answer = await bounded_get(session, url, max_bytes=_MOST_BODY_BYTES, params=query, ssl=trust(self.cafile) if self.cafile else True)
        except UnexpectedStatus as error:
            raise NoAnswer(f"{error} for GET {url}, expected 200") from error
        except TooLarge as error:
            raise NoAnswer(f"its answer has {error}") from error
        try:
            return json.loads(answer.body), _date(answer.headers)
        except (ValueError, RecursionError) as error:
            raise NoAnswer(f"its answer to GET {url} is not JSON; is this the URL of an Alertmanager?") from error


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        return None
