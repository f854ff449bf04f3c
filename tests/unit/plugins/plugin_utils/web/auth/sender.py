# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests of the schemes share: settings read as a rulebook's are, and deliveries as a sender makes them."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes, read
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import AUTH_SCHEMA, read_auth
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import NotAllowed, NotAuthenticated
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

TOKEN, OTHER_TOKEN = "3f1c9a7e5b2d48606f2e", "0a9b8c7d6e5f40312233"
SCHEMA = {"type": "object", "properties": {"auth": AUTH_SCHEMA}}


def verifiers(auth, environment=None):
    """Return the verifiers of an `auth` as it is written in a rulebook."""
    mistakes = Mistakes()
    settings = read({"auth": auth}, SCHEMA)
    made = read_auth(settings["auth"], "auth", environment or {}, mistakes)
    mistakes.raise_if_any()
    return made


def verifier(scheme, environment=None, **settings):
    """Return the verifier of one scheme."""
    (made,) = verifiers({scheme: settings}, environment)
    return made


def mistakes_of(auth, environment=None):
    """Return what is said about an `auth` that cannot be used."""
    with pytest.raises(ConfigurationError) as refused:
        verifiers(auth, environment)
    return str(refused.value)


def delivery(*headers, body=b"", query=(), now=1_700_000_000.0, **certificate):
    """Return a request with headers and parameters given as pairs."""
    return Delivery(
        headers=CIMultiDictProxy(CIMultiDict(headers)), query=MultiDictProxy(MultiDict(query)), body=body, now=now, peer_certificate=certificate or None
    )


def assert_stranger(made, *deliveries, why=None):
    """Say that nobody knows who sent these."""
    for each in deliveries:
        with pytest.raises(NotAuthenticated, match=why) as refused:
            made.verify(each)
        assert TOKEN not in str(refused.value) and OTHER_TOKEN not in str(refused.value)


def assert_not_allowed(made, *deliveries):
    """Say that the sender is known, and may not."""
    for each in deliveries:
        with pytest.raises(NotAllowed):
            made.verify(each)
