# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's `listen`: its schema, and the frozen values that the console is started with."""

from __future__ import annotations

import importlib.util
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.address import ADDRESS_SCHEMA, is_loopback, read_address
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secret_strength import MIN_TOKEN_LENGTH, require_token
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import ENVIRONMENT_VARIABLE, read_secret
from ansible_collections.eventops.infra.plugins.plugin_utils.web.tls import server_context

_DEFAULT_NAME = "console"

_PERSON = {"type": "string", "pattern": "^(?!router$)[A-Za-z0-9][A-Za-z0-9._@ -]{0,63}$", "expected": "a name of up to 64 letters, digits, . _ @ - or spaces"}
_SECRET = {"type": "string", "minLength": MIN_TOKEN_LENGTH, "maxLength": 512, "writeOnly": True}

LISTEN_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["address"],
    "properties": {
        "address": ADDRESS_SCHEMA,
        "tokens": {
            "type": "array",
            "default": [],
            "maxItems": 100,
            "items": {
                "anyOf": [
                    _SECRET,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "oneOf": [{"required": ["token"]}, {"required": ["env"]}, {"required": ["file"]}],
                        "properties": {
                            "name": _PERSON,
                            "token": _SECRET,
                            "env": ENVIRONMENT_VARIABLE,
                            "file": {"type": "string", "minLength": 1},
                        },
                    },
                ],
                "expected": "a token, or a mapping with name and one of token, env, file",
            },
        },
        "certfile": {"type": "string", "minLength": 1},
        "keyfile": {"type": "string", "minLength": 1},
        "url": {
            "type": "string",
            "pattern": r"^https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?/?$",
            "expected": "what browsers call the console, such as https://eventops.example.com",
        },
    },
    "dependentRequired": {"keyfile": ["certfile"]},
}


@dataclass(frozen=True)
class Token:
    """A secret that allows to change what the router does, and the name under which the history says so."""

    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Listen:
    """Where the console listens and who may change anything.

    `host` None: all addresses. `url` is the origin that browsers know it by, where a proxy stands before it. Without tokens nobody may change anything.
    """

    host: str | None
    port: int
    tokens: tuple[Token, ...] = ()
    tls: ssl.SSLContext | None = None
    url: str | None = None

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine reaches it; a proxy on it may be anybody."""
        return is_loopback(self.host)

    @property
    def is_read_freely(self) -> bool:
        """Tell whether everybody who reaches it may look."""
        return self.is_local and self.url is None


def read_listen(given: Mapping | None, where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Listen | None:
    """Make the settings of values that the schema has checked; what only a closer look finds goes to `mistakes`.

    :param given: the router's `listen`; None: there is no console.
    :param where: the path of `listen` in the rulebook.
    :param environment: where the tokens' `env` is looked up.
    """
    if given is None:
        return None
    if importlib.util.find_spec("prometheus_client") is None:
        mistakes.add(where, "needs the Python package prometheus_client, beside ansible-rulebook: pip install 'prometheus_client>=0.20'")
    host, port = read_address(given["address"], f"{where}.address", mistakes)
    tokens = _tokens(given["tokens"], f"{where}.tokens", environment, mistakes)
    if not given["tokens"] and not is_loopback(host):
        mistakes.add(f"{where}.tokens", "must name at least one token, or anybody could read the events; or let address be 127.0.0.1:PORT or [::1]:PORT")
    elif not given["tokens"] and "url" in given:
        mistakes.add(f"{where}.tokens", "must name at least one token, since url says that others than this machine come in")
    return Listen(host, port, tokens, _tls(given, where, mistakes), given.get("url", "").rstrip("/") or None)


def _tokens(given: list, where: str, environment: Mapping[str, str], mistakes: Mistakes) -> tuple[Token, ...]:
    found: dict[str, Token] = {}
    for number, each in enumerate(given):
        place = f"{where}[{number}]"
        written = {"token": each} if isinstance(each, str) else each
        secret = _secret(written, place, environment, mistakes)
        if secret is None:
            continue
        if secret in found:
            mistakes.add(place, "is the same as another; give each person a token of their own")
        found[secret] = Token(written.get("name", _DEFAULT_NAME), secret)
    return tuple(found.values())


def _secret(written: Mapping, place: str, environment: Mapping[str, str], mistakes: Mistakes) -> str | None:
    """Read a token from where it stands; no message shows any of it."""
    kind = next(key for key in ("token", "env", "file") if key in written)
    secret = read_secret(written[kind] if kind == "token" else {kind: written[kind]}, place, environment, mistakes)
    if secret is None or not require_token(secret, place if kind == "token" else f"{place}.{kind}", mistakes):
        return None
    return secret


def _tls(given: Mapping, where: str, mistakes: Mistakes) -> ssl.SSLContext | None:
    if "certfile" not in given:
        return None
    try:
        return server_context(*(str(Path(given[key]).expanduser()) for key in ("certfile", "keyfile") if key in given))
    except OSError as error:  # ssl.SSLError is one
        files = " and ".join(filter(None, (given["certfile"], given.get("keyfile"))))
        mistakes.add(f"{where}.certfile", f"must be a certificate with its key, but {files} cannot be used: {error.strerror or error}")
        return None
