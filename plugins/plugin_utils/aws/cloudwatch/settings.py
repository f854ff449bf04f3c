# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of `eventops.infra.cloudwatch`, taken apart: the frozen values that the source is started with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

from ..access.accounts import Accounts, read_accounts
from ..access.place import Place
from ..alarms import settings as of_alarms
from ..feedback import settings as of_feedback
from ..labels import Labels, read_labels
from ..logs import settings as of_logs
from ..queues import settings as of_queues
from .schema import SCHEMA

_READERS = {"queues": of_queues.read, "alarms": of_alarms.read, "logs": of_logs.read}


@dataclass(frozen=True)
class Settings:
    """What the source is started with: each part with the places that it is about. `inventory` and `state` are for use without the router."""

    queues: tuple[tuple[of_queues.QueueSettings, Place], ...]
    alarms: tuple[tuple[of_alarms.Settings, tuple[Place, ...]], ...]
    logs: tuple[tuple[of_logs.Settings, tuple[Place, ...]], ...]
    hosts: Sequence[str | Mapping[str, Any]] | None
    labels: Labels
    places: tuple[Place, ...]
    feedback: of_feedback.Feedback | None
    inventory: str | None
    state: str | None


def read_settings(args: Mapping | None, environment: Mapping[str, str]) -> Settings:
    """Take the arguments of the source apart.

    :param environment: where secrets are looked up that are to be found in variables.
    :raises ConfigurationError: with every mistake.
    """
    mistakes = Mistakes()
    # In a rulebook a variable that nobody has set arrives as `none`.
    present = {key: value for key, value in (args or {}).items() if value is not None}
    given = mistakes.read(present, SCHEMA)
    if given is None:
        _look_into_entries(present, mistakes)
    mistakes.raise_if_any()
    if find_spec("aiobotocore") is None:
        mistakes.add("", "the package aiobotocore is not installed where ansible-rulebook runs; install it there: pip install aiobotocore boto3")
        mistakes.raise_if_any()
    if not (given["queues"] or given["alarms"] or given["logs"]):
        mistakes.add("", "must have queues, alarms or logs: without them nothing would be heard of AWS")
    accounts = read_accounts(given, environment, mistakes)
    queues = [_queue(written, f"queues[{number}]", accounts, mistakes) for number, written in enumerate(given["queues"])]
    alarms = _polled(given["alarms"], "alarms", of_alarms.read, accounts, mistakes)
    logs = _polled(given["logs"], "logs", of_logs.read, accounts, mistakes)
    mistakes.raise_if_any()
    return Settings(
        queues=tuple(queues),
        alarms=alarms,
        logs=logs,
        hosts=given.get("hosts"),
        labels=read_labels(given["labels"]),
        feedback=of_feedback.read(given["feedback"], "feedback", mistakes),
        places=tuple(dict.fromkeys([*accounts.places, *(place for _queue, place in queues)])),
        inventory=given.get("inventory"),
        state=given.get("state"),
    )


def _look_into_entries(written: Mapping[str, Any], mistakes: Mistakes) -> None:
    """Note what is wrong within the entries, although something beside them is wrong, too."""
    for name, read in _READERS.items():
        entries = written.get(name)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, Mapping):
                read(entry, f"{name}[{number}]", mistakes)


def _queue(written: Mapping, where: str, accounts: Accounts, mistakes: Mistakes) -> tuple | None:
    entry = of_queues.read(written, where, mistakes)
    place = accounts.place(entry.account, entry.region, where, mistakes) if entry is not None else None
    return None if place is None else (entry, place)


def _polled(written: Sequence[Mapping], where: str, read: Any, accounts: Accounts, mistakes: Mistakes) -> tuple:
    entries = [read(each, f"{where}[{number}]", mistakes) for number, each in enumerate(written)]
    return tuple((entry, accounts.chosen(entry.accounts, entry.regions, entry.where, mistakes)) for entry in entries if entry is not None)
