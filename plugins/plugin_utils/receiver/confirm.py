# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The setting `confirm` of an endpoint: whom to ask whether an alert that came there is over."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.certificates import trust
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRET_SCHEMA, read_secret
from yarl import URL

from .alertmanager_api import AlertmanagerApi

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["alertmanager"],
    "properties": {
        "alertmanager": {
            "type": "object",
            "additionalProperties": False,
            "required": ["url"],
            "not": {"required": ["bearer", "basic"]},
            "expected": "a mapping with url, and with one of bearer and basic at most",
            "properties": {
                "url": {
                    "type": "string",
                    "pattern": "^(?i:https?)://[^/]",
                    "expected": "the http:// or https:// URL of Alertmanager, such as http://127.0.0.1:9093",
                },
                "bearer": SECRET_SCHEMA,
                "basic": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["username", "password"],
                    "properties": {
                        "username": {"type": "string", "pattern": "^[^:\\x00-\\x1f]+$", "expected": "a name without a colon"},
                        "password": SECRET_SCHEMA,
                    },
                },
                "cafile": {"type": "string", "minLength": 1},
                # The router waits 30 seconds for whoever it asks.
                "timeout": {"type": "number", "minimum": 0.1, "maximum": 25, "default": 10},
                "settled_after": {"type": "number", "minimum": 0, "default": 120},
            },
        },
    },
}


def read_confirm(given: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> AlertmanagerApi | None:
    """Make what can be asked of a setting that the schema has checked; what is wrong goes to `mistakes`, with None."""
    settings, where = given["alertmanager"], f"{where}.alertmanager"
    found = Mistakes()
    _check_url(settings["url"], f"{where}.url", found)
    cafile = settings.get("cafile")
    if cafile is not None:
        _check_cafile(cafile, f"{where}.cafile", found)
    authorization = _authorization(settings, where, environment, found)
    try:
        found.raise_if_any()
    except ConfigurationError as error:
        mistakes.take(error)
        return None
    return AlertmanagerApi(
        url=settings["url"],
        timeout_seconds=settings["timeout"],
        settled_after_seconds=settings["settled_after"],
        authorization=authorization,
        cafile=cafile,
    )


def _check_url(text: str, where: str, mistakes: Mistakes) -> None:
    try:
        url = URL(text)
    except ValueError as error:
        mistakes.add(where, f"must be the URL of Alertmanager, but {error}")
        return
    if not url.host:
        mistakes.add(where, "must name a host")
    if url.user is not None or url.password is not None:
        mistakes.add(where, "must have no user and password in it; name them with `basic`")
    if url.raw_query_string or url.raw_fragment:
        mistakes.add(where, "must have nothing from ? or # on; the API's own path is added to it")


def _check_cafile(path: str, where: str, mistakes: Mistakes) -> None:
    try:
        trust(path)
    except OSError as error:
        mistakes.add(where, f"must be a file of certificates, but {path!r} cannot be read as one: {error.strerror or error}")


def _authorization(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> str | None:
    if "bearer" in settings:
        token = read_secret(settings["bearer"], f"{where}.bearer", environment, mistakes)
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            mistakes.add(f"{where}.bearer", "must be a token of ASCII letters, digits and signs; it is not shown here")
        return f"Bearer {token}"
    if "basic" in settings:
        basic = settings["basic"]
        password = read_secret(basic["password"], f"{where}.basic.password", environment, mistakes)
        return "Basic " + base64.b64encode(f"{basic['username']}:{password}".encode()).decode()  # RFC 7617 section 2
    return None
