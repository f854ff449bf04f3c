# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bytes for a listener of HTTP: requests that are right, and what becomes of them when somebody breaks them; by a seed, so that a find can be had again."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_STRANGE = (b"\x00", b"\r\n", b"\n", b"\r", b":", b" ", b"\t", b"\xff\xfe", b"%00", b"{{", b"\xf0\x9f\x92\xa9", b"0", b"-1", b"9" * 20, b"chunked")
_HEADERS = (
    b"Content-Length: 0",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 1e3",
    b"Content-Length: 18446744073709551616",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding : chunked",
    b"Expect: 100-continue",
    b"Upgrade: websocket\r\nConnection: Upgrade",
    b"Connection: close",
    b"Content-Encoding: gzip",
    b"Content-Type: text/plain",
    b"Content-Type: application/cloudevents-batch+json",
    b"ce-specversion: 1.0\r\nce-type: x\r\nce-id: %%%\r\nce-source: /",
    b"Authorization: Bearer",
    b"Authorization: Basic \xff",
    b"X-Signature: ",
    b"Host: ",
    b"Host: a\r\nHost: b",
    b" folded: yes",
    b"X: " + b"y" * 9000,
    b"Range: bytes=0-",
)
_BODIES = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"alerts": null}',
    b'{"alerts": [null, 1, {}, []]}',
    b'{"a": 1, "a": 2}',
    b'{"a": NaN}',
    b'{"specversion": "1.0", "type": "case.exhausted"}',
    b"[" * 3000,
    b'"\\ud800"',
    b"9" * 5000,
    b'{"Type": "Notification", "SigningCertURL": "https://sns.us-east-1.amazonaws.com.example.com/x.pem"}',
)


def requests(random: Random, good: Sequence[bytes]) -> bytes:
    """Return what one connection sends: one of the good requests, broken somehow, or several of them, or nothing of the kind."""
    choice = random.random()
    if choice < 0.05:
        return random.randbytes(random.randrange(1, 400))
    if choice < 0.15:
        return b"".join(random.choice(good) for _each in range(random.randrange(2, 20)))
    request = random.choice(good)
    for _each in range(random.randrange(1, 4)):
        request = random.choice(_MUTATIONS)(random, request)
    return request


def _flip(random: Random, request: bytes) -> bytes:
    place = random.randrange(len(request) or 1)
    return request[:place] + bytes([random.randrange(256)]) + request[place + 1 :]


def _insert(random: Random, request: bytes) -> bytes:
    place = random.randrange(len(request) + 1)
    return request[:place] + random.choice(_STRANGE) + request[place:]


def _cut(random: Random, request: bytes) -> bytes:
    return request[: random.randrange(len(request) + 1)]


def _leave_out(random: Random, request: bytes) -> bytes:
    place = random.randrange(len(request) + 1)
    return request[:place] + request[place + random.randrange(1, 40) :]


def _add_header(random: Random, request: bytes) -> bytes:
    line, _end, rest = request.partition(b"\r\n")
    return line + b"\r\n" + random.choice(_HEADERS) + b"\r\n" + rest


def _other_body(random: Random, request: bytes) -> bytes:
    head = request.partition(b"\r\n\r\n")[0]
    body = random.choice(_BODIES)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-length", b"transfer-encoding"))]
    if random.random() < 0.3:
        size = random.choice((len(body), len(body) + 5, 0, 2**70))
        chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (size, body)
        return b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n" + chunk
    length = random.choice((len(body), len(body), len(body), len(body) + 3, max(0, len(body) - 3)))
    return b"\r\n".join([*lines, b"Content-Length: %d" % length]) + b"\r\n\r\n" + body


def _other_method(random: Random, request: bytes) -> bytes:
    method = random.choice((b"GET", b"PUT", b"OPTIONS", b"HEAD", b"TRACE", b"CONNECT", b"PRI", b"post", b"P\x00ST"))
    return method + b" " + request.partition(b" ")[2]


def _other_version(random: Random, request: bytes) -> bytes:
    return request.replace(b"HTTP/1.1", random.choice((b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.12", b"")), 1)


_MUTATIONS = (_flip, _insert, _cut, _leave_out, _add_header, _other_body, _other_body, _other_method, _other_version)
