# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudEvents ask by OPTIONS whether an origin may send."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.cloudevents_options import CloudEventsOptions

ORIGIN = "eventgrid.azure.net"


def ask(headers, *, method="OPTIONS", origins=("EventGrid.azure.net",), rate=None):
    return asyncio.run(CloudEventsOptions(origins, rate).answer(method, headers, None))


def test_an_origin_that_is_expected_is_let_in():
    answer = ask({"webhook-request-origin": ORIGIN})
    assert (answer.status, answer.headers) == (200, {"Allow": "POST", "WebHook-Allowed-Origin": ORIGIN})


@pytest.mark.parametrize(
    ("wanted", "rate", "allowed"),
    [("120", None, "120"), ("120", 60, "60"), ("30", 60, "30"), ("*", 60, "60"), ("*", None, "*"), ("x", None, "*")],
)
def test_a_rate_is_answered_where_one_was_asked_for(wanted, rate, allowed):
    answer = ask({"webhook-request-origin": ORIGIN, "webhook-request-rate": wanted}, rate=rate)
    assert answer.headers["WebHook-Allowed-Rate"] == allowed


@pytest.mark.parametrize("origin", ["evil.com", "eventgrid.azure.net.evil.com", "", "*", f"{ORIGIN}, evil.com", f"https://{ORIGIN}", f" {ORIGIN}"])
def test_another_origin_is_refused_and_its_callback_not_called(origin):
    answer = ask({"webhook-request-origin": origin, "webhook-request-callback": "https://evil.com/"})
    assert answer.status == 403 and "cloudevents_origins" in answer.body and not answer.headers


def test_no_origin_is_let_in_unless_the_rulebook_names_it():
    assert ask({"webhook-request-origin": ORIGIN}, origins=()).status == 403
    assert ask({"webhook-request-origin": "*"}, origins=("*",)).status == 200, "a star is a star, and no pattern"
    assert ask({"webhook-request-origin": ORIGIN}, origins=("*",)).status == 403


def test_what_is_no_handshake_is_left_to_others():
    assert ask({}) is None
    assert ask({"webhook-request-origin": ORIGIN}, method="POST") is None
