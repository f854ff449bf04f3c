# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One endpoint of the front door: who may send there, and how what they send is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import ADAPTER_SCHEMA, read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS, Adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import AUTH_SCHEMA, read_auth
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import Verifier
from ansible_collections.eventops.infra.plugins.plugin_utils.web.networks import NETWORKS_SCHEMA, Networks, read_networks
from ansible_collections.eventops.infra.plugins.plugin_utils.web.rate import TokenBucket

from .alertmanager_api import AlertmanagerApi
from .confirm import SCHEMA as CONFIRM_SCHEMA
from .confirm import read_confirm
from .handshakes.answer import Handshake
from .handshakes.choice import handshakes_of

REFUSE, KEEP = "refuse", "keep"
PATH_PATTERN = "^/[A-Za-z0-9._~/-]{0,200}$"
MAX_BODY_BYTES = {"type": "integer", "minimum": 1024, "maximum": 67_108_864}
_HEADER = {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$", "expected": "the name of a header"}
# They hold secrets, or what proves who sent it: none of them is an event's business.
_NEVER_KEPT = frozenset({"authorization", "proxy-authorization", "cookie", "x-gitlab-token", "aeg-sas-key"})

ENDPOINT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "adapter": ADAPTER_SCHEMA,
        "unread": {"enum": [REFUSE, KEEP], "default": REFUSE},
        "keep_payload": {"type": "boolean", "default": False},
        "headers": {"type": "array", "maxItems": 20, "items": _HEADER, "default": []},
        "auth": AUTH_SCHEMA,
        "insecure": {"type": "boolean", "default": False},
        "senders": NETWORKS_SCHEMA,
        "rate": {
            "type": "object",
            "additionalProperties": False,
            "required": ["per_second"],
            "properties": {
                "per_second": {"type": "number", "exclusiveMinimum": 0, "maximum": 100_000},
                "burst": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
            },
        },
        "max_body_bytes": MAX_BODY_BYTES,
        "confirm": CONFIRM_SCHEMA,
        "cloudevents_origins": {
            "type": "array",
            "maxItems": 100,
            "items": {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,253}$", "expected": "a host name such as eventgrid.azure.net"},
            "default": [],
        },
    },
}


@dataclass(frozen=True)
class Endpoint:
    """A path of the front door.

    `adapter` None: what comes is kept as `event.received`. `verifiers`: any of them suffices; none at all: everybody may send. `senders` None: from
    anywhere. `rate` None: as often as they like. `headers` are the names, in lower case, that events keep. `handshakes` answer what a
    sender asks before it sends events. `confirm` None: nobody can be asked whether an alert is over.
    """

    path: str
    adapter_name: str | None
    adapter: Adapter | None
    adapter_settings: Mapping[str, Any]
    keeps_unread: bool
    keeps_payload: bool
    headers: tuple[str, ...]
    verifiers: tuple[Verifier, ...]
    senders: Networks | None
    rate: TokenBucket | None
    max_body_bytes: int
    handshakes: tuple[Handshake, ...]
    confirm: AlertmanagerApi | None

    @property
    def media_types(self) -> tuple[str, ...]:
        """Return what a body may be, beside any `+json`."""
        return self.adapter.media_types if self.adapter else ("application/json",)

    def takes(self, content_type: str) -> bool:
        """Tell whether a body of this media type may be sent here."""
        return content_type in self.media_types or content_type.endswith("+json")

    @property
    def trusts_headers(self) -> bool:
        """Tell whether headers are the sender's: a signature is over the body, and whoever has caught one could put others before it."""
        return self.is_known_by_head or not self.verifiers

    @cached_property
    def is_known_by_head(self) -> bool:
        """Tell whether senders are known without their body."""
        return bool(self.verifiers) and not any(verifier.reads_body for verifier in self.verifiers)


def read_endpoint(path: str, given: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Endpoint:
    """Make an endpoint of what the schema has checked; what only a closer look finds goes to `mistakes`.

    :param given: as written, with what it inherits from the whole listener.
    """
    name, settings = read_adapter(given.get("adapter"), f"{where}.adapter", mistakes)
    _require_authentication(given, where, mistakes)
    rate = given.get("rate")
    verifiers = read_auth(given["auth"], f"{where}.auth", environment, mistakes) if "auth" in given else ()
    _require_no_secrets(given["headers"], verifiers, f"{where}.headers", mistakes)
    _require_what_belongs_together(given, name, where, mistakes)
    return Endpoint(
        path=path,
        adapter_name=name,
        adapter=ADAPTERS.get(name or ""),
        adapter_settings=settings,
        keeps_unread=given["unread"] == KEEP,
        keeps_payload=given["keep_payload"],
        headers=tuple(dict.fromkeys(header.lower() for header in given["headers"])),
        verifiers=verifiers,
        senders=read_networks(given["senders"], f"{where}.senders", mistakes) if "senders" in given else None,
        rate=TokenBucket(rate["per_second"], rate.get("burst", max(1, round(rate["per_second"])))) if rate else None,
        max_body_bytes=given["max_body_bytes"],
        handshakes=handshakes_of(name, settings, verifiers, origins=given["cloudevents_origins"], rate=round(rate["per_second"] * 60) if rate else None),
        confirm=read_confirm(given["confirm"], f"{where}.confirm", environment, mistakes) if "confirm" in given else None,
    )


def _require_authentication(given: Mapping[str, Any], where: str, mistakes: Mistakes) -> None:
    if "auth" not in given and not given["insecure"]:
        mistakes.add(f"{where}.auth", "is missing: anybody who reaches it could send events; say how senders are known, or write insecure: true")
    elif "auth" in given and given["insecure"]:
        mistakes.add(f"{where}.insecure", "must not stand beside auth; leave one of them out")


def _require_no_secrets(headers: Sequence[str], verifiers: Sequence[Verifier], where: str, mistakes: Mistakes) -> None:
    own = {(getattr(verifier, "header", None) or "").lower() for verifier in verifiers}
    for header in headers:
        if header.lower() in _NEVER_KEPT | own:
            mistakes.add(where, f"must not name {header}, which proves who sends; leave it out")


def _require_what_belongs_together(given: Mapping[str, Any], adapter: str | None, where: str, mistakes: Mistakes) -> None:
    auth = given.get("auth", ())
    schemes = {scheme for each in ([auth] if isinstance(auth, Mapping) else auth) for scheme in each}
    if "sns" in schemes and adapter != "sns":
        # SNS signs the message and some fields around it; any other adapter would read what nobody has signed.
        mistakes.add(f"{where}.adapter", "must be sns, since auth.sns proves nothing of what other adapters read")
    if "confirm" in given and adapter != "alertmanager":
        mistakes.add(f"{where}.confirm", "must stand at an endpoint whose adapter is alertmanager; alerts of others are not known there")
