# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A person approves what the page has shown, and nothing that came after it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_event


async def join(site, case, number: int, **changes) -> None:
    """Have another event join a case."""

    def write(tx) -> None:
        row = add_event(tx, number, **changes)
        tx.mark_handled(row, case.id)
        tx.save_case(replace(tx.case(case.id), event_row=row, count=number), "joined")

    await site.store.run(write)


def button(page: str) -> tuple[str, dict]:
    """Return what the approve button of a page sends, and where."""
    (tag,) = re.findall(r"<button[^>]*/approve[^>]*>", page)
    found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
    return found["formaction"], {found["name"]: found["value"]}


@pytest.mark.parametrize("path", ["/", "/cases/1"])
def test_the_button_approves_what_its_page_showed(visit, path):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval", mode="approve")
        csrf = await site.sign_in()
        address, fields = button((await site.get(path))[1])
        await join(site, case, 2, hosts=("db-01",))
        status, text = await site.post(address, {"csrf": csrf, **fields})
        assert (status, "it has changed since you looked: look again" in text) == (409, True)
        assert (await site.store.run(lambda tx: tx.case(case.id))).state == "awaiting_approval"
        seen = fields["seen"]
        while fields["seen"] == seen:  # the page is drawn anew at its pace
            site.parts.live.touch()
            address, fields = button((await site.get(path))[1])
            await asyncio.sleep(0.02)
        assert (await site.post(address, {"csrf": csrf, **fields}))[0] == 303
        assert (await site.store.run(lambda tx: tx.case(case.id))).decided_by == "ann"

    visit(scenario)


def test_the_same_alert_once_more_takes_no_second_look(visit):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval", mode="approve")
        csrf = await site.sign_in()
        address, fields = button((await site.get("/"))[1])
        await join(site, case, 2)
        assert (await site.post(address, {"csrf": csrf, **fields}))[0] == 303

    visit(scenario)


def test_a_program_may_say_what_it_has_seen_and_need_not(visit):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval", mode="approve")
        await join(site, case, 2, hosts=("db-01",))
        assert (await site.order(f"/cases/{case.id}/approve", {"seen": "x"}))[0] == 400
        assert (await site.order(f"/cases/{case.id}/approve", {"seen": str(case.event_row)}))[0] == 409
        assert (await site.order(f"/cases/{case.id}/approve"))[0] == 200

    visit(scenario)
