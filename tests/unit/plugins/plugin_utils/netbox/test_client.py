# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's API over HTTP: what is sent, and what becomes of each way in which it can fail."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.access import Access
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.client import NetBox
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NetBoxDenied, NetBoxError, NetBoxRefused, NetBoxUnavailable, NoSuchEndpoint
from cryptography import x509

from ..web.certificates import Authority
from .answering import answering

OLD, NEW = "0123456789abcdef0123456789abcdef01234567", "nbt_abcdefghijkl.0123456789012345678901234567890123456789"
SITES = "dcim/sites"


@pytest.fixture(name="server")
def _server(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with answering() as answers:
        answers.body = a_list()
        yield answers


def a_list(*numbers: int, more: str | None = None) -> dict:
    return {"count": len(numbers), "next": more, "previous": None, "results": [{"id": number} for number in numbers]}


def asked(url: str, what, token: str = NEW, **access):
    """Return what a question to a NetBox comes to."""

    async def scene():
        netbox = NetBox(Access(url, token, **access))
        try:
            return await what(netbox)
        finally:
            netbox.close()

    return asyncio.run(scene())


def a_page(netbox):
    return netbox.page(SITES, [("id", 1), ("id", 2), ("ordering", "id")], 10)


def failed(url: str, kind: type[NetBoxError] = NetBoxError, **access) -> NetBoxError:
    with pytest.raises(kind) as caught:
        asked(url, a_page, **access)
    assert NEW not in str(caught.value) and NEW.partition(".")[2] not in repr(caught.value)
    return caught.value


@pytest.mark.parametrize(("token", "header"), [(OLD, f"Token {OLD}"), (NEW, f"Bearer {NEW}")])
def test_a_token_is_sent_as_its_version_is(server, token, header):
    asked(server.url, a_page, token)
    assert server.asked[0][2]["Authorization"] == header


def test_a_parameter_can_be_there_several_times(server):
    server.body = a_list(1, 2)
    assert asked(server.url, a_page) == [{"id": 1}, {"id": 2}]
    path = server.asked[0][1]
    assert path.startswith("/api/dcim/sites/?") and "id=1&id=2" in path and "ordering=id" in path and "limit=10" in path


def test_no_more_is_read_than_was_asked_for(server):
    server.body = a_list(*range(1, 11), more=f"{server.url}/api/dcim/sites/?offset=10")
    assert len(asked(server.url, a_page)) == 10
    assert len(server.asked) == 1


def test_smaller_pages_are_read_by_offset_and_never_where_an_answer_points(server):
    with answering() as elsewhere:
        elsewhere.body = a_list(3)
        server.body = {**a_list(1, 2, more=f"{elsewhere.url}/api/dcim/sites/?offset=2"), "count": 12}
        assert len(asked(server.url, a_page)) == 10
        assert [path.partition("offset=")[2].partition("&")[0] for _method, path, _headers in server.asked] == ["0", "2", "4", "6", "8"]
        assert elsewhere.asked == []


@pytest.mark.parametrize("body", [{"results": 7, "count": 1}, {"results": [1], "count": None}, {"results": []}, 7, b"[" * 100_000])
def test_an_answer_of_another_shape_is_tried_again(server, body):
    server.body = body
    failed(server.url, NetBoxUnavailable)


def test_objects_are_made_and_changed(server):
    server.body, server.status = {"id": 5}, 201
    assert asked(server.url, lambda netbox: netbox.create(SITES, {"name": "x"})) == {"id": 5}
    server.status = 200
    assert asked(server.url, lambda netbox: netbox.change(SITES, 5, {"name": "y"})) == {"id": 5}
    assert asked(server.url, lambda netbox: netbox.one(SITES, 5)) == {"id": 5}
    assert [each[:2] for each in server.asked] == [("POST", "/api/dcim/sites/"), ("PATCH", "/api/dcim/sites/5/"), ("GET", "/api/dcim/sites/5/")]
    assert server.sent == [{"name": "x"}, {"name": "y"}]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, NetBoxRefused), (401, NetBoxDenied), (403, NetBoxDenied), (404, NoSuchEndpoint), (405, NetBoxRefused), (408, NetBoxUnavailable),
        (409, NetBoxRefused), (425, NetBoxUnavailable), (429, NetBoxUnavailable), (500, NetBoxUnavailable), (502, NetBoxUnavailable),
        (503, NetBoxUnavailable), (504, NetBoxUnavailable),
    ],
)  # fmt: skip
def test_each_status_is_what_can_be_done_about_it(server, status, kind):
    server.status, server.body = status, {"detail": "said by NetBox"}
    error = failed(server.url)
    assert error.__class__ is kind
    assert f"GET {SITES}: {status}" in str(error)
    if kind in (NetBoxRefused, NetBoxDenied):
        assert "said by NetBox" in str(error)
    if kind is NetBoxDenied:
        assert "Check the token, and that its user has the permission" in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("1" * 10, None), ("\u00b2", None), ("", None)]
)
def test_when_to_ask_again_is_taken_where_it_is_a_number(server, header, seconds):
    server.status, server.headers = 503, {"Retry-After": header}
    assert failed(server.url, NetBoxUnavailable).retry_after_seconds == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    with answering() as elsewhere:
        server.status, server.headers = status, {"Location": f"{elsewhere.url}/api/"}
        assert "sends us elsewhere" in str(failed(server.url, NetBoxUnavailable))
        assert elsewhere.asked == []


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", *({"results": [each], "next": None, "count": 1} for each in ("text", {"name": "x"}))])
def test_what_is_not_netbox_is_said_to_be_none(server, body):
    server.body = body
    assert f"is {server.url} the address of NetBox?" in str(failed(server.url, NetBoxUnavailable))


def test_an_answer_that_does_not_come_is_given_up(server):
    server.wait.clear()
    assert "no answer in time" in str(failed(server.url, NetBoxUnavailable, timeout_seconds=0.2))


def test_a_server_that_is_not_there_is_said_to_be_away():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert f"GET {SITES}: ConnectionError" in str(failed(f"http://127.0.0.1:{taken.getsockname()[1]}", NetBoxUnavailable))


def test_the_users_netrc_has_no_say(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    asked(server.url, a_page)
    assert server.asked[0][2]["Authorization"] == f"Bearer {NEW}"


def test_a_proxy_of_the_environment_is_used(server, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    asked("http://netbox.example.com", a_page)
    assert server.asked[0][1].startswith("http://netbox.example.com/api/dcim/sites/")


def test_a_certificate_that_nobody_trusts_is_said_to_be_so(tmp_path):
    authority = Authority(tmp_path, "lab")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.issue("netbox.pem", "netbox", (x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)))
    with answering(context) as server:
        server.body = a_list(1)
        assert "its certificate is not trusted" in str(failed(server.url, NetBoxUnavailable))
        assert server.asked == []
        assert asked(server.url, a_page, cafile=authority.cafile) == [{"id": 1}]
        assert asked(server.url, a_page, verify=False) == [{"id": 1}]


def test_the_certificates_that_are_configured_outweigh_the_environments(tmp_path, monkeypatch):
    ours, others = Authority(tmp_path, "ours"), Authority(tmp_path, "others")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", others.cafile)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(ours.issue("netbox.pem", "netbox", (x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)))
    with answering(context) as server:
        server.body = a_list(1)
        assert asked(server.url, a_page, cafile=ours.cafile) == [{"id": 1}]
        assert asked(server.url, a_page, verify=False) == [{"id": 1}]
        assert "its certificate is not trusted" in str(failed(server.url, NetBoxUnavailable))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ours.cafile)
        assert asked(server.url, a_page) == [{"id": 1}]


@pytest.mark.parametrize(
    ("header", "is_new"), [("4.6", True), ("4.7", True), ("5.0", True), ("4.10", True), ("4.5", False), ("3.9", False), ("", False), ("x.y", False)]
)
def test_the_version_is_that_of_the_newest_answer(server, header, is_new):
    async def scene(netbox):
        assert not netbox.is_since(4, 0)  # nothing is known yet
        await a_page(netbox)
        before = netbox.is_since(4, 6)
        server.headers = {"API-Version": "4.8"}
        await a_page(netbox)
        return before, netbox.is_since(4, 8)

    server.headers = {"API-Version": header}
    assert asked(server.url, scene) == (is_new, True)


def test_a_proxys_own_answer_has_no_version_and_takes_none_away(server):
    async def scene(netbox):
        await a_page(netbox)
        server.headers = {}
        await a_page(netbox)
        return netbox.is_since(4, 6)

    server.headers = {"API-Version": "4.6"}
    assert asked(server.url, scene)


def test_the_event_loop_goes_on_meanwhile(server):
    async def scene(netbox):
        server.wait.clear()
        asking = asyncio.create_task(a_page(netbox))
        await asyncio.sleep(0.05)
        assert not asking.done()
        server.wait.set()
        return await asking

    assert asked(server.url, scene) == []
