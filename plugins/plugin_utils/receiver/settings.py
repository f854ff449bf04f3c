# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of `eventops.infra.http`: their schema, and the frozen values that the listener is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.address import ADDRESS_SCHEMA, is_loopback, read_address
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.client_certificate import ClientCertificate
from ansible_collections.eventops.infra.plugins.plugin_utils.web.networks import NETWORKS_SCHEMA, read_networks
from ansible_collections.eventops.infra.plugins.plugin_utils.web.renewal import RenewedContext
from ansible_collections.eventops.infra.plugins.plugin_utils.web.tls import server_context

from .endpoint import ENDPOINT_SCHEMA, MAX_BODY_BYTES, PATH_PATTERN, Endpoint, read_endpoint

REQUIRED, OPTIONAL = "required", "optional"
_FILE = {"type": "string", "minLength": 1}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["endpoints"],
    "properties": {
        "address": {**ADDRESS_SCHEMA, "default": "127.0.0.1:5000"},
        "certfile": _FILE,
        "keyfile": _FILE,
        "cafile": _FILE,
        "client_certificates": {"enum": [REQUIRED, OPTIONAL], "default": REQUIRED},
        "senders": NETWORKS_SCHEMA,
        "max_body_bytes": {**MAX_BODY_BYTES, "default": 1_048_576},
        "request_seconds": {"type": "number", "minimum": 1, "maximum": 600, "default": 10},
        "max_connections": {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1000},
        "max_in_flight": {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 200},
        "inventory": _FILE,
        "endpoints": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": PATH_PATTERN, "expected": "a path that begins with / and has letters, digits, . _ ~ - and further / alone"},
            "additionalProperties": ENDPOINT_SCHEMA,
            "expected": "a mapping of paths such as /alertmanager to what is taken there",
        },
    },
    "dependentRequired": {"keyfile": ["certfile"], "cafile": ["certfile"]},
}


@dataclass(frozen=True)
class Settings:
    """Where the front door is and what it takes; `host` None: all addresses, `tls` None: unencrypted. `inventory` is for use without the router."""

    host: str | None
    port: int
    tls: RenewedContext | None
    request_seconds: float
    max_connections: int
    max_in_flight: int
    inventory: str | None
    endpoints: Mapping[str, Endpoint]

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine reaches it."""
        return is_loopback(self.host)


def read_settings(args: Mapping | None, environment: Mapping[str, str]) -> Settings:
    """Take the arguments of the source apart.

    :param environment: where secrets are looked up that are to be found in variables.
    :raises ConfigurationError: with every mistake.
    """
    mistakes = Mistakes()
    given = mistakes.read(args, SCHEMA)
    mistakes.raise_if_any()
    host, port = read_address(given["address"], "address", mistakes)
    if "senders" in given:
        read_networks(given["senders"], "senders", mistakes)
        mistakes.raise_if_any()  # or each endpoint would be blamed for what it inherits
    inherited = {key: given[key] for key in ("senders", "max_body_bytes") if key in given}
    endpoints = {
        path: read_endpoint(path, {**inherited, **written}, f"endpoints.{path}", environment, mistakes) for path, written in given["endpoints"].items()
    }
    _require_cafile(given, endpoints, mistakes)
    tls = _tls(given, mistakes)
    mistakes.raise_if_any()
    return Settings(
        host=host,
        port=port,
        tls=tls,
        request_seconds=given["request_seconds"],
        max_connections=given["max_connections"],
        max_in_flight=given["max_in_flight"],
        inventory=given.get("inventory"),
        endpoints=endpoints,
    )


def _require_cafile(given: Mapping, endpoints: Mapping[str, Endpoint], mistakes: Mistakes) -> None:
    if "cafile" in given:
        return
    for path, endpoint in endpoints.items():
        if any(isinstance(verifier, ClientCertificate) for verifier in endpoint.verifiers):
            mistakes.add("cafile", f"is missing; the client certificates that endpoints.{path}.auth asks for are checked against it")


def _tls(given: Mapping, mistakes: Mistakes) -> RenewedContext | None:
    if "certfile" not in given:
        return None
    paths = {key: str(Path(given[key]).expanduser()) for key in ("certfile", "keyfile", "cafile") if key in given}
    is_required = given["client_certificates"] == REQUIRED
    try:
        return RenewedContext(lambda: server_context(**paths, client_certificate_is_required=is_required), tuple(paths.values()))
    except OSError as error:  # ssl.SSLError is one
        mistakes.add("certfile", f"must be a certificate with its key, but {' and '.join(paths.values())} cannot be used: {error.strerror or error}")
        return None
