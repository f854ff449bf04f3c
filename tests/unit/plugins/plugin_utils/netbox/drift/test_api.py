# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client of NetBox's API: who gets the token, what an answer must be, and what is said when it is not."""

from __future__ import annotations

import http.server
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.api import NetBox, NetBoxError
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.certificates import Authority
from cryptography import x509

OLD, NEW = "0123456789abcdef0123456789abcdef01234567", "nbt_AbCdEf123456.0123456789abcdefghij"


class Server:
    """An HTTP server that answers with what a test says, and notes what was asked."""

    def __init__(self, certificate: str | None = None) -> None:
        self.asked: list[tuple[str, str, dict, bytes]] = []
        self.answer: Callable[[str], tuple[int, dict, bytes]] = lambda path: (200, {}, b"{}")
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                status, headers, content = outer.answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_arguments: None  # a client that did not wait
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.end()


@pytest.mark.parametrize(("token", "header"), [(OLD, f"Token {OLD}"), (NEW, f"Bearer {NEW}"), (f"{NEW}\n", f"Bearer {NEW}")])
def test_tokens_of_both_versions(server, token, header):
    NetBox(server.url, token).get("/api/status/")

    [(_method, path, headers, _body)] = server.asked
    assert (path, headers["Authorization"]) == ("/api/status/", header)


@pytest.mark.parametrize("ending", ["", "/", "/api", "/api/"])
def test_the_address_may_be_that_of_the_api(server, ending):
    assert NetBox(server.url + ending, NEW).url == server.url


@pytest.mark.parametrize("url", ["", "netbox.example.com", "ftp://netbox", "http://user:secret@netbox", "http://netbox/?a=b", "http://[", "file:///etc/passwd"])
def test_an_address_that_cannot_be_right(url):
    with pytest.raises(NetBoxError, match="the URL must be http:// or https://") as raised:
        NetBox(url, NEW)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("token", ["", " ", "two words", "a\nHost: evil", "schlüssel"])
def test_a_token_that_cannot_be_right_is_not_shown(token):
    with pytest.raises(NetBoxError, match="the token must be given") as raised:
        NetBox("http://netbox", token)
    assert not token.strip() or token.strip() not in str(raised.value)


def test_values_are_written_as_json(server):
    NetBox(server.url, NEW).write("PATCH", "/api/virtualization/virtual-machines/1/", {"vcpus": 2})

    [(method, path, headers, body)] = server.asked
    assert (method, path, headers["Content-Type"], json.loads(body)) == ("PATCH", "/api/virtualization/virtual-machines/1/", "application/json", {"vcpus": 2})


def test_pages_are_asked_for_here_whatever_netbox_calls_the_next_one(server):
    def pages(path: str) -> tuple[int, dict, bytes]:
        offset = int(dict(parse_qsl(urlsplit(path).query))["offset"])
        page = {"results": [{"id": offset}], "next": "http://192.0.2.1/elsewhere" if offset < 1000 else None}
        return 200, {}, json.dumps(page).encode()

    server.answer = pages

    assert [each["id"] for each in NetBox(server.url, NEW).all("/api/dcim/devices/", [("name", "a b"), ("name", "ü&c")])] == [0, 500, 1000]
    assert server.asked[0][1] == "/api/dcim/devices/?name=a+b&name=%C3%BC%26c&limit=500&offset=0"


def test_a_netbox_that_ignores_the_offset_ends(server):
    server.answer = lambda path: (200, {}, b'{"results": [], "next": "http://netbox/more"}')

    with pytest.raises(NetBoxError, match="more than 100000 objects"):
        list(NetBox(server.url, NEW).all("/api/dcim/devices/", []))


def test_the_token_does_not_follow_a_redirect(server):
    other = Server()
    server.answer = lambda path: (302, {"Location": f"{other.url}/api/status/"}, b"")
    try:
        with pytest.raises(NetBoxError, match="was answered with 302.*Give the address that it redirects to"):
            NetBox(server.url, NEW).get("/api/status/")
        assert other.asked == []
    finally:
        other.end()


def test_what_a_netrc_says_does_not_replace_the_token(server, tmp_path, monkeypatch):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login root password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))

    NetBox(server.url, NEW).get("/api/status/")

    assert server.asked[0][2]["Authorization"] == f"Bearer {NEW}"


def test_a_refusal_says_what_to_do(server):
    server.answer = lambda path: (403, {}, b'{"detail": "Invalid v2 token"}')

    with pytest.raises(NetBoxError) as raised:
        NetBox(server.url, NEW).get("/api/ipam/ip-addresses/", [("device_id", 1)])

    assert str(raised.value) == (
        f'GET {server.url}/api/ipam/ip-addresses/ was answered with 403: {{"detail": "Invalid v2 token"}}. '
        "Check that the token is right, enabled and not expired, and that its user may do this"
    )
    assert raised.value.status == 403


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"", b"\xff"])
def test_what_is_no_netbox(server, content):
    server.answer = lambda path: (200, {}, content)

    with pytest.raises(NetBoxError, match="must be answered with a JSON object, and was not"):
        NetBox(server.url, NEW).get("/api/status/")


def test_an_object_where_results_belong(server):
    with pytest.raises(NetBoxError, match="must answer with results"):
        list(NetBox(server.url, NEW).all("/api/dcim/devices/", []))


def test_nobody_there(server):
    server.end()

    with pytest.raises(NetBoxError, match=r"GET http://127\.0\.0\.1:\d+/api/status/ got no answer: .*refused.*Check the address"):
        NetBox(server.url, NEW).get("/api/status/")


def test_its_certificate_is_checked(tmp_path):
    own, other = Authority(tmp_path, "own"), Authority(tmp_path, "other")
    server = Server(own.issue("netbox.pem", "netbox", (x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)))
    try:
        for trusted in (None, other.cafile):
            with pytest.raises(NetBoxError, match="got no answer: .*certificate verify failed"):
                NetBox(server.url, NEW, ca_path=trusted).get("/api/status/")
        assert server.asked == [], "the token was not sent"
        NetBox(server.url, NEW, ca_path=own.cafile).get("/api/status/")
        NetBox(server.url, NEW, validate_certs=False).get("/api/status/")
        assert len(server.asked) == 2
    finally:
        server.end()


def test_one_that_never_answers(server):
    waiting = threading.Event()
    server.answer = lambda path: (waiting.wait(10) and 200 or 500, {}, b"{}")
    try:
        with pytest.raises(NetBoxError, match="got no answer: .*timed out"):
            NetBox(server.url, NEW, timeout_seconds=0.2).get("/api/status/")
    finally:
        waiting.set()
