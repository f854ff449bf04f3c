# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of `eventops.infra.netbox`, taken apart: the frozen values that the source is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.settings import Settings as Door
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.settings import read_settings as read_door
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import read_secret

from .access import Access, Query
from .change import time_of
from .object_types import HOST_TYPES, PATHS, model_of
from .objects import INCLUDABLE
from .schema import ALL, NOW, SCHEMA

LOOKING_SECONDS = 30.0  # between two looks at held objects where the change log is not read on
# Without the change log, a repeated delivery is known again for so long.
_REMEMBERED_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is written to NetBox when a case is over: `tags` by the case's state, None: nothing at all."""

    journal: bool = True
    console: str | None = None
    custom_field: str | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Settings:
    """What the source is started with.

    `door` is the listener for webhooks. `reads_on` tells whether the change log is read at intervals, or held objects are looked at only. `start` is NOW,
    ALL or a time. `paths` has the place of each type in the API, `filters` query parameters by type, `ready` the fields that are needed by type.
    `inventory` and `state` are for use without the router.
    """

    access: Access
    door: Door | None
    reads_on: bool
    interval_seconds: float
    overlap_seconds: float
    start: str
    paths: Mapping[str, str]
    filters: Mapping[str, Query]
    ready: Mapping[str, tuple[str, ...]]
    ready_within_seconds: float
    include: tuple[str, ...]
    connection: Mapping[str, str]
    feedback: Feedback | None
    inventory: str | None
    state: str | None

    @property
    def object_types(self) -> tuple[str, ...]:
        return tuple(self.paths)

    @property
    def parts_read(self) -> tuple[str, ...]:
        """Return which parts objects are read with: those that events have, and those that readiness or the connection is found in."""
        needed = [path.partition(".")[0] for paths in (self.connection.values(), *self.ready.values()) for path in paths]
        return tuple(part for part in INCLUDABLE if part in self.include or part in needed)

    @property
    def remembered_seconds(self) -> float:
        """Return how far back rows are known again."""
        return self.overlap_seconds if self.reads_on else max(self.overlap_seconds, _REMEMBERED_SECONDS)


def read_settings(args: Mapping | None, environment: Mapping[str, str]) -> Settings:
    """Take the arguments of the source apart.

    :param environment: where secrets are looked up that are to be found in variables.
    :raises ConfigurationError: with every mistake.
    """
    mistakes = Mistakes()
    # A rulebook writes `none` for what a variable would have said.
    given = mistakes.read({key: value for key, value in (args or {}).items() if value is not None}, SCHEMA)
    mistakes.raise_if_any()
    if find_spec("pynetbox") is None:
        mistakes.add("", "the package pynetbox is not installed where ansible-rulebook runs; install it there: pip install pynetbox")
    token = read_secret(given["token"], "token", environment, mistakes)
    paths = _paths(given["models"], mistakes)
    catch_up = given["catch_up"]
    if catch_up is False and given.get("webhook") is None:
        mistakes.add("catch_up", "is false, and there is no webhook: nothing would be heard of NetBox; leave it out, or write a webhook")
    if catch_up:
        _require_start(catch_up["from"], mistakes)
    for name in ("cafile", "certfile", "keyfile"):
        _require_file(given.get(name), name, mistakes)
    door = _door(given.get("webhook"), environment, mistakes)
    ready = _ready(given["ready"]["fields"], paths, mistakes)
    filters = _filters(given["filters"], paths, mistakes)
    mistakes.raise_if_any()
    return Settings(
        access=Access(
            url=given["url"].rstrip("/"),
            token=token or "",
            timeout_seconds=given["timeout"],
            verify=given["verify"],
            **{name: str(Path(given[name]).expanduser()) for name in ("cafile", "certfile", "keyfile") if name in given},
        ),
        door=door,
        reads_on=catch_up is not False,
        interval_seconds=catch_up["interval"] if catch_up else LOOKING_SECONDS,
        overlap_seconds=catch_up["overlap"] if catch_up else 60.0,
        start=catch_up["from"] if catch_up else NOW,
        paths=paths,
        filters=filters,
        ready=ready,
        ready_within_seconds=given["ready"]["within"],
        include=tuple(given["include"]),
        connection=given["connection"],
        feedback=_feedback(given["feedback"]),
        inventory=given.get("inventory"),
        state=given.get("state"),
    )


def _paths(models: list, mistakes: Mistakes) -> dict[str, str]:
    paths: dict[str, str] = {}
    for number, written in enumerate(models):
        object_type, path = next(iter(written.items())) if isinstance(written, Mapping) else (written, PATHS.get(written))
        if path is None:
            mistakes.add(f"models[{number}]", f"{object_type} is no type whose path in the API is known; write it with its path, as {object_type}: plugins/...")
        elif object_type in paths or model_of(object_type) in map(model_of, paths):
            mistakes.add(f"models[{number}]", f"{object_type} has the same model as another, so that their events could not be told apart; leave one out")
        else:
            paths[object_type] = path
    return paths


def _require_start(start: str, mistakes: Mistakes) -> None:
    if start in (NOW, ALL):
        return
    try:
        time_of(start)
    except ValueError:
        mistakes.add("catch_up.from", f"must be now, all, or a time such as 2026-01-31T12:00:00Z, got {start!r}")


def _require_file(path: str | None, where: str, mistakes: Mistakes) -> None:
    if path is not None and not Path(path).expanduser().is_file():
        mistakes.add(where, f"must be a file, but {path} is none")


def _door(webhook: Mapping | None, environment: Mapping[str, str], mistakes: Mistakes) -> Door | None:
    if webhook is None:
        return None
    endpoint = {"adapter": {"netbox": {}}, "auth": {"netbox": {"secrets": webhook["secrets"]}}}
    listener = {key: webhook[key] for key in ("certfile", "keyfile", "cafile", "senders") if key in webhook}
    try:
        return read_door({"address": webhook["listen"], "endpoints": {webhook["path"]: endpoint}, **listener}, environment)
    except ConfigurationError as error:
        for path, text in error.mistakes:
            mistakes.add(_place_in_webhook(path, webhook["path"]), text)
        return None


def _place_in_webhook(path: str, endpoint: str) -> str:
    for inside, written in ((f"endpoints.{endpoint}.auth.netbox.", ""), ("endpoints", "path"), ("address", "listen")):
        if path.startswith(inside):
            return f"webhook.{written or path.removeprefix(inside)}"
    return f"webhook.{path}"


def _ready(written: Mapping[str, list[str]], paths: Mapping[str, str], mistakes: Mistakes) -> dict[str, tuple[str, ...]]:
    for object_type in written:
        if object_type not in paths:
            mistakes.add(f"ready.fields.{object_type}", "is none of the models; write it there, too, or leave it out")
    default = {object_type: ["primary_ip"] for object_type in HOST_TYPES if object_type in paths}
    return {object_type: tuple(fields) for object_type, fields in {**default, **written}.items()}


def _filters(written: Mapping[str, Any], paths: Mapping[str, str], mistakes: Mistakes) -> dict[str, Query]:
    of_all = _query({name: value for name, value in written.items() if "." not in name})
    for object_type in (name for name in written if "." in name):
        if object_type not in paths:
            mistakes.add(f"filters.{object_type}", "is none of the models; write it there, too, or leave it out")
    found = {object_type: [*of_all, *_query(written.get(object_type, {}))] for object_type in paths}
    return {object_type: query for object_type, query in found.items() if query}


def _query(written: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs = ((name, each) for name, value in written.items() for each in (value if isinstance(value, list) else [value]))
    return [(name, str(value).lower() if isinstance(value, bool) else value) for name, value in pairs]


def _feedback(written: Mapping | bool) -> Feedback | None:
    if written is False or not (written["journal"] or written.get("custom_field") or written.get("tags")):
        return None
    return Feedback(written["journal"], written.get("console"), written.get("custom_field"), dict(written.get("tags", {})))
