# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tokens: only the whole one is taken, guessing is slowed, the right one is never locked out, and no answer shows one."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN, pauses


def test_guesses_are_slowed_and_the_right_token_is_not_locked_out(visit):
    async def scenario(site):
        answers = [await site.post("/signin", {"token": f"wrong-token-number-{number:04}"}) for number in range(30)]
        assert [status for status, _text in answers] == [401] * 10 + [429] * 20
        orders = [(await site.post("/pause", headers={"Authorization": f"Bearer {'x' * number}"}))[0] for number in range(3)]
        assert orders == [429] * 3 and await pauses(site) == []
        assert (await site.order("/pause"))[0] == 200
        await site.sign_in()

    visit(scenario)


def test_a_guesser_is_told_when_to_come_again(visit):
    async def scenario(site):
        for _turn in range(12):
            async with site.browser.get(site.url + "/", headers={"Authorization": "Bearer wrong"}) as response:
                last = response
        assert (last.status, last.headers["Retry-After"]) == (429, "6")

    visit(scenario)


@pytest.mark.parametrize("token", ["", " ", ANN.secret[:-1], ANN.secret + "x", ANN.secret.upper(), f"{ANN.secret}\x00"])
def test_only_the_whole_token_is_the_token(visit, token):
    async def scenario(site):
        body = b"token=" + token.encode("utf-8", "surrogateescape").replace(b"\x00", b"%00")
        assert (await site.post("/signin", body, headers={"Content-Type": "application/x-www-form-urlencoded"}))[0] == 401

    visit(scenario)


def test_no_answer_shows_a_token(visit):
    async def scenario(site):
        for token in ("wrong-token-0123456789", ANN.secret):
            for path in ("/signin", "/pause"):
                _status, text = await site.post(path, {"token": token, "why": "x"}, headers={"Authorization": f"Bearer {token}"})
                assert token not in text
        site.conditions.clear()
        for path in ("/healthz", "/metrics", "/"):
            assert ANN.secret not in (await site.get(path))[1]

    visit(scenario)
