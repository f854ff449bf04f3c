# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of the HTTP source: what is taken, and what is told of what is not."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.settings import read_settings

from .front_door import BEARER, GENERIC


def said(args, environment=None):
    with pytest.raises(ConfigurationError) as caught:
        read_settings(args, environment or {})
    return str(caught.value)


def test_what_nobody_says_is_safe():
    settings = read_settings({"endpoints": {"/hook": {"auth": BEARER}}}, {})
    assert (settings.host, settings.port, settings.tls, settings.is_local) == ("127.0.0.1", 5000, None, True)
    endpoint = settings.endpoints["/hook"]
    assert (endpoint.adapter, endpoint.keeps_unread, endpoint.keeps_payload, endpoint.max_body_bytes) == (None, False, False, 1_048_576)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, "endpoints: is missing"),
        ({"endpoints": {}}, "endpoints: must"),
        ({"endpoints": {"hook": {"auth": BEARER}}}, "endpoints"),
        ({"endpoints": {"/hook": {}}}, "endpoints./hook.auth: is missing: anybody who reaches it could send events"),
        ({"endpoints": {"/hook": {"auth": BEARER, "insecure": True}}}, "endpoints./hook.insecure: must not stand beside auth"),
        ({"endpoints": {"/hook": {"auth": BEARER, "adaptor": "netbox"}}}, "endpoints./hook.adaptor: unknown key, did you mean adapter?"),
        ({"endpoints": {"/hook": {"auth": BEARER, "adapter": "netbocks"}}}, "endpoints./hook.adapter"),
        ({"endpoints": {"/hook": {"auth": BEARER, "adapter": {"generic": {}}}}}, "endpoints./hook.adapter.generic.type: is missing"),
        ({"endpoints": {"/hook": {"auth": BEARER, "headers": ["Authorization"]}}}, "must not name Authorization, which proves who sends"),
        (
            {"endpoints": {"/hook": {"auth": {"key": {"header": "X-Site-Key", "secrets": ["correct-horse-battery"]}}, "headers": ["x-site-key"]}}},
            "endpoints./hook.headers: must not name x-site-key, which proves who sends",
        ),
        (
            {"endpoints": {"/hook": {"auth": {"sns": {"topics": ["arn:aws:sns:eu-west-1:123456789012:t"]}}, "adapter": GENERIC}}},
            "endpoints./hook.adapter: must be sns, since auth.sns proves nothing of what other adapters read",
        ),
        (
            {"endpoints": {"/hook": {"auth": BEARER, "adapter": "nagios", "confirm": {"alertmanager": {"url": "http://127.0.0.1:9093"}}}}},
            "endpoints./hook.confirm: must stand at an endpoint whose adapter is alertmanager",
        ),
        ({"endpoints": {"/hook": {"auth": BEARER, "senders": ["10.0.0.1/8"]}}}, "endpoints./hook.senders[0]"),
        ({"endpoints": {"/hook": {"auth": {"bearer": {"secrets": [{"env": "GONE"}]}}}}}, "the environment variable GONE is not set"),
        ({"endpoints": {"/hook": {"auth": {"client_certificate": {}}}}}, "cafile: is missing; the client certificates that endpoints./hook.auth asks for"),
        ({"endpoints": {"/hook": {"auth": BEARER}}, "keyfile": "/k"}, "certfile: is missing; keyfile needs it"),
        ({"endpoints": {"/hook": {"auth": BEARER}}, "certfile": "/no/such"}, "certfile: must be a certificate with its key"),
        ({"endpoints": {"/hook": {"auth": BEARER}}, "address": "nowhere"}, "address: must be an address and a port"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_said_where(args, text):
    assert text in said(args)


def test_every_mistake_is_said_at_once_and_no_secret():
    text = said({"address": "x", "endpoints": {"/a": {}, "/b": {"auth": {"bearer": {"secrets": ["short-secret"]}}, "adapter": GENERIC | {"more": 1}}}})
    assert "short-secret" not in text
    text = said({"endpoints": {"/a": {}, "/b": {"auth": {"bearer": {"secrets": ["short"]}}}}})
    assert "endpoints./a.auth" in text and "endpoints./b.auth" in text and "short" not in text.replace("shorter", "")


def test_what_endpoints_inherit_is_blamed_where_it_is_written():
    text = said({"senders": ["10.0.0.1/8"], "endpoints": {"/a": {"auth": BEARER}, "/b": {"auth": BEARER}}})
    assert text.startswith("senders[0]: 10.0.0.1/8 is an address") and "endpoints" not in text
