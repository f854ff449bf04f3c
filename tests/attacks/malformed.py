# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests that are read differently by different readers, or that are none: the bytes of each attack, by name.

In none of them somebody is known, unless the name begins with `known`: those have the right credentials and are ambiguous otherwise. What must never
happen is that a request of nobody is taken, that an answer is a 5xx, or that a good sender is not served afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from .target import Target

Attack = tuple[str, tuple[bytes, ...]]


def attacks(target: Target) -> Iterator[Attack]:
    """Yield the name and the parts of each."""
    yield from _lengths(target)
    yield from _chunks(target)
    yield from _names(target)
    yield from _lines(target)
    yield from _versions(target)
    yield from _addresses(target)


def _credentials(target: Target) -> list[tuple[str, str]]:
    return list(target.credentials(target.body))


def _lengths(target: Target) -> Iterator[Attack]:
    """Where does the body end? A second request hides behind the first one's (RFC 9112 section 11.2)."""
    known, length = _credentials(target), str(len(target.body))
    hidden = target.stranger()
    for name, value in {
        "another length": str(len(target.body) + len(hidden)),
        "a list": f"{length}, {length}",
        "a sign": f"+{length}",
        "negative": "-1",
        "hexadecimal": hex(len(target.body)),
        "with a space inside": f"1 {length}",
        "no number": "many",
        "empty": "",
        "not ASCII": "١٧",
        "far too long": "9" * 40,
        "64 bits and more": str(2**64 + len(target.body)),
    }.items():
        yield f"a length that is {name}", (target.head([("Content-Length", value)]) + target.body + hidden,)
        yield f"known, with a second length that is {name}", (target.head([*known, ("Content-Length", length), ("Content-Length", value)]) + target.body,)
    chunked = b"0\r\n\r\n"
    for name, coding in {
        "chunked": "chunked",
        "unknown": "xchunked",
        "a list": "identity, chunked",
        "a list that ends otherwise": "chunked, identity",
        "compressed": "gzip, chunked",
        "identity": "identity",
        "after a tab": "\tchunked",
        "in quotes": '"chunked"',
        "in capitals": "ChUnKeD",
        "after a control character": "\x0bchunked",
    }.items():
        yield f"length and coding: {name}", (target.head([("Content-Length", length), ("Transfer-Encoding", coding)]) + chunked + hidden,)
        yield f"coding alone: {name}", (target.head([("Transfer-Encoding", coding)]) + chunked + hidden,)
        yield f"two codings: {name}", (target.head([("Transfer-Encoding", coding), ("Transfer-Encoding", "chunked")]) + chunked + hidden,)
    yield "length and misspelt coding", (target.head([("Content-Length", length), ("Transfer_Encoding", "chunked")]) + chunked + hidden,)
    yield "length and coding by HTTP/1.0", (target.head([("Transfer-Encoding", "chunked")], version="HTTP/1.0") + chunked + hidden,)
    yield "a body that never comes", (target.head([("Content-Length", "100000")]) + target.body,)
    yield "a body without a length", (target.head() + target.body,)


def _chunks(target: Target) -> Iterator[Attack]:
    """Chunks that lie about their length, and trailers that would add to the headers."""
    head, hidden = target.head([("Transfer-Encoding", "chunked")]), target.stranger()
    for name, chunks in {
        "too long": b"ff\r\n{}\r\n0\r\n\r\n" + hidden,
        "too short": b"1\r\n{}\r\n0\r\n\r\n" + hidden,
        "negative": b"-2\r\n{}\r\n0\r\n\r\n",
        "with a prefix": b"0x2\r\n{}\r\n0\r\n\r\n",
        "over 64 bits": b"10000000000000002\r\n{}\r\n0\r\n\r\n",
        "no number": b"zz\r\n{}\r\n0\r\n\r\n",
        "empty": b"\r\n{}\r\n0\r\n\r\n",
        "with a space before": b" 2\r\n{}\r\n0\r\n\r\n",
        "with a bare line feed": b"2\n{}\n0\n\n" + hidden,
        "with a long extension": b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
        "with a line in its extension": b'2;a="\r\n\r\n"\r\n{}\r\n0\r\n\r\n',
        "without an end": b"2\r\n{}\r\n",
        "with many trailers": b"2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 2000 + b"\r\n",
        "with a length as trailer": b"2\r\n{}\r\n0\r\nContent-Length: 50\r\n\r\n" + hidden,
    }.items():
        yield f"a chunk {name}", (head + chunks,)
        yield f"a chunk {name}, in parts", (head, chunks[:3], chunks[3:])
    trailers = "".join(f"{name}: {value}\r\n" for name, value in target.credentials(b"{}")).encode()
    yield "credentials as trailers", (head + b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n",)


def _names(target: Target) -> Iterator[Attack]:
    """Credentials under a name that only some readers take for theirs."""
    known = _credentials(target)
    for name, write in {
        "a space before the colon": lambda each: f"{each} ",
        "a tab before the colon": lambda each: f"{each}\t",
        "a space before": lambda each: f" {each}",
        "underscores": lambda each: each.replace("-", "_") if "-" in each else f"{each}_",
        "a NUL": lambda each: f"{each}\x00",
        "a letter that looks alike": lambda each: each.replace("i", "\u0131").replace("o", "\u043e"),
        "a form feed": lambda each: f"\x0c{each}",
    }.items():
        yield f"a name with {name}", (target.stranger([(write(each), value) for each, value in known]),)
    for separator in ("\r\n ", "\r\n\t", "\n ", "\r", "\n", "\x00", "\x0b", "\x85", "\u2028"):
        folded = [("X-Harmless", f"a{separator}{name}: {value}") for name, value in known]
        yield f"credentials in the value of another header, after {separator!r}", (target.stranger(folded),)
    yield "known, and half a name before it", (target.head([("X-Half\r\nContent-Length", "5"), *known]) + target.body,)
    yield "credentials twice, of which none is right", (target.stranger([(name, "x") for name, _value in known] * 2),)


def _lines(target: Target) -> Iterator[Attack]:
    """Lines that end otherwise, and what is too long."""
    good = target.stranger()
    yield "bare line feeds", (good.replace(b"\r\n", b"\n"),)
    yield "bare carriage returns", (good.replace(b"\r\n", b"\r"),)
    yield "two carriage returns", (good.replace(b"\r\n", b"\r\r\n"),)
    yield "empty lines before", (b"\r\n" * 1000 + good,)
    yield "a NUL in a value", (target.stranger([("X-A", "a\x00b")]),)
    yield "bytes that are no text", (target.stranger([("X-A", "\udcff\udcfe")]),)
    yield "a header without a colon", (target.stranger([("X-A\r\nnothing\r\nX-B", "b")]),)
    yield "a header without a name", (target.stranger([("", "b")]),)
    yield "a header that is too long", (target.stranger([("X-A", "a" * 100_000)]),)
    yield "a header whose name is too long", (target.stranger([("X" * 100_000, "a")]),)
    yield "too many headers", (target.stranger([(f"X-{number}", "a") for number in range(5000)]),)
    yield "an address that is too long", (target.stranger(path=target.path + "?" + "a" * 100_000),)
    yield "a method that is too long", (target.stranger(method="A" * 100_000),)
    yield "nothing but zeros", (b"\x00" * 10_000,)
    yield "nothing but spaces", (b" " * 10_000,)
    yield "TLS where there is none, or in the middle of it", (bytes.fromhex("16030100c8010000c40303") + b"\x11" * 200,)


def _versions(target: Target) -> Iterator[Attack]:
    for version in ("HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.1x", "HTTP/11", "HTTPS/1.1", "RTSP/1.0", ""):
        yield f"the version {version!r}", (target.stranger(version=version),)
    yield "CONNECT to nowhere", (b"CONNECT \r\nHost: test\r\n\r\n",)
    yield "no more than an address", (f"GET {target.path}\r\n\r\n".encode(),)
    yield "the beginning of HTTP/2", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",)
    for wanted in ("websocket", "h2c", "TLS/1.0, HTTP/1.1"):
        upgrade = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", wanted), ("HTTP2-Settings", "AAMAAABk"), ("Sec-WebSocket-Key", "AAAA")]
        yield f"an upgrade to {wanted}", (target.stranger(upgrade) + target.stranger(),)
    for expected in ("100-continue", "200-ok", "100-continue, 100-continue", "", "x" * 5000):
        yield f"an expectation of {expected[:30]!r}", (target.stranger([("Expect", expected)]),)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "post", "POST\x00", "FOO", "P@ST", "\u0430", "M-SEARCH"):
        yield f"the method {method!r}", (target.stranger(method=method),)
    yield "no host", (target.stranger().replace(b"Host: ", b"X-Host: "),)
    yield "two hosts", (target.stranger([("Host", "example.com")]),)
    yield "a host that is none", (target.stranger().replace(b"Host: ", b"Host: @/:[\x7f"),)


def _addresses(target: Target) -> Iterator[Attack]:
    path = target.path
    for address in (
        *(f"http://example.com{path}", f"//example.com{path}", "*", "example.com:443", "", "http://", "http://[::1", "http://a:99999/", "http://\u0131/"),
        *(
            f"{path}/../..{path}",
            f"{path}%00",
            f"{path}%",
            f"{path}%zz",
            f"{path}%ff",
            f"{path};a",
            f"{path}#a",
            f"{path}?a=%ff&%00=&=&&",
            f"{path}\\",
            f"/.{path}",
        ),
        *(f"/%2e%2e{path}", f"{path}\udcff", f"{path}?\udcff", f"{path}\x7f", f"{path}?" + "&".join("ab" for _turn in range(2000)), "/" * 5000, f"{path}\t"),
    ):
        yield f"the address {address[:40]!r}", (target.stranger(path=address),)
