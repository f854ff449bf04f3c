# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The endpoints of a fuzzed front door, one for each adapter and each scheme, and requests for them: right ones, and ones that nobody may send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.every_sender import OTHER_SECRET, SECRET, SENDERS

from .payloads import ADAPTERS, GENERIC, PAYLOADS

# Without client_certificate: broken requests come over connections without TLS, on which nobody can show one.
_SCHEMES = {name: sender for name, sender in SENDERS.items() if sender.scheme != "client_certificate"}
_BY_ADAPTER = "hmac"  # the scheme of the endpoints that are there for their adapter
_PLAIN = {"alert": "A", "host": "web-01"}
_ANOTHER_BODY = b'{"what was signed": "is this"}'


def endpoints(cafile: str) -> dict[str, dict]:
    """Return the setting `endpoints`.

    :param cafile: the root of the certificates by which SNS signs.
    """
    auth = {name: {sender.scheme: {**sender.settings, **({"cafile": cafile} if name == "sns" else {})}} for name, sender in _SCHEMES.items()}
    made = {f"/{name}": {"adapter": name, "auth": auth[_BY_ADAPTER], "unread": "keep"} for name in ADAPTERS}
    made |= {f"/{name}/open": {"adapter": name, "insecure": True} for name in ADAPTERS}
    made |= {"/generic": {"adapter": GENERIC, "auth": auth[_BY_ADAPTER]}}
    adapters = {name: {"adapter": name} for name in _SCHEMES if name in ADAPTERS}
    return made | {f"/by/{name}": {"auth": auth[name], **adapters.get(name, {})} for name in _SCHEMES}


def good_requests(now: float) -> list[bytes]:
    """Return one request for each endpoint, with right credentials where the endpoint wants any."""
    made = []
    for name in (*ADAPTERS, "generic"):
        body = _body(name)
        made.append(_request(f"/{name}", _BY_ADAPTER, body, now, SECRET))
        if name in ADAPTERS:
            made.append(_request(f"/{name}/open", _BY_ADAPTER, body, now, SECRET))
    return made + [_request(f"/by/{name}", name, _body(name), now, SECRET) for name in _SCHEMES]


def refused_requests(now: float) -> list[bytes]:
    """Return requests for each endpoint that has a scheme: by another secret, and by the right one over another body."""
    made = []
    for path, scheme in _paths().items():
        body = _body(path.rpartition("/")[2])
        made.append(_request(path, scheme, body, now, OTHER_SECRET))
        if scheme == "sns":
            message = json.loads(SENDERS[scheme].send(body, now, SECRET).body)
            made.append(_raw(path, {}, {}, json.dumps({**message, "Message": "another"}).encode()))
        elif scheme in ("github", "hmac", "hmac-timestamp", "netbox", "standard_webhooks"):
            made.append(_request(path, scheme, body, now, SECRET, signed=_ANOTHER_BODY))
    return made


def _paths() -> dict[str, str]:
    """Return the paths that a scheme guards, with its name."""
    return {f"/{name}": _BY_ADAPTER for name in (*ADAPTERS, "generic")} | {f"/by/{name}": name for name in _SCHEMES}


def _body(name: str) -> bytes:
    return json.dumps(PAYLOADS.get(name, _PLAIN)).encode()


def _request(path: str, scheme: str, body: bytes, now: float, secret: str, *, signed: bytes | None = None) -> bytes:
    sent = SENDERS[scheme].send(body if signed is None else signed, now, secret)
    return _raw(path, sent.headers, sent.query, sent.body if signed is None else body)


def _raw(path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> bytes:
    target = f"{path}?{urlencode(query)}" if query else path
    lines = [f"POST {target} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
