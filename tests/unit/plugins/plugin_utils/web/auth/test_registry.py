# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An endpoint's `auth`, as a rulebook writes it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import SCHEMES
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import OTHER_TOKEN, TOKEN, mistakes_of, verifiers


def test_one_scheme_or_several_of_which_any_suffices():
    assert len(verifiers({"bearer": {"secrets": [TOKEN]}})) == 1
    made = verifiers([{"bearer": {"secrets": [TOKEN]}}, {"netbox": {"secrets": [OTHER_TOKEN]}}, {"client_certificate": {}}])
    assert [type(each).__name__ for each in made] == ["Bearer", "HmacSignature", "ClientCertificate"]


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({}, "auth: must not be empty"),
        ([], "auth: must not be empty"),
        ("bearer", "auth: must be a mapping of one scheme to its settings, or a list of such"),
        ({"bearer": {"secrets": [TOKEN]}, "key": {"header": "X-Api-Key", "secrets": [TOKEN]}}, "auth: must have at most 1 key"),
        ({"beerer": {"secrets": [TOKEN]}}, "auth.beerer: unknown key, did you mean bearer?"),
        ({"bearer": {"secret": [TOKEN]}}, "auth.bearer.secret: unknown key, did you mean secrets?"),
        ({"bearer": {"secrets": []}}, "auth.bearer.secrets: must not be empty"),
        ({"bearer": {"secrets": TOKEN}}, "auth.bearer.secrets: must be a list"),
        ({"bearer": {}}, "auth.bearer.secrets: is missing"),
        ([{"bearer": {"secrets": ["short"]}}, {"gitlab": {"secrets": ["short"]}}], "auth[1].gitlab.secrets[0]: must be at least 16"),
    ],
)
def test_mistakes_say_where_and_show_no_secret(auth, said):
    lines = mistakes_of(auth)
    assert said in lines and TOKEN not in lines


def test_no_scheme_is_made_of_nothing():
    for name, scheme in SCHEMES.items():
        assert scheme.schema["additionalProperties"] is False, name
