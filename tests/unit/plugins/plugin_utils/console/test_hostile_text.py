# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text of events is shown, never interpreted: whatever it is, a page has the same elements, and the text stands in it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console.rendering import render, templates
from ansible_collections.eventops.infra.plugins.plugin_utils.console.text import visible
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Dispatch, ExecutionRow, Pause, Share, Storm
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.structure import Structure
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import an_event
from markupsafe import Markup

BENIGN = "a plain text"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "`${alert(1)}`",
    "</pre></details></section><h1>owned",
    "</title></textarea></style></script><svg/onload=alert(1)>",
    "<!-- --><![CDATA[ x ]]><?php ?>",
    "{{ 7 * 7 }}{% for x in y %}{# comment #}${7*7}#{7*7}",
    "javascript:alert(1)",
    "&lt;script&gt;&#60;b&#62;&amp",
    "\u202e<b>\u2066evil\u2069\u200b",
    "\x00\x1b[2J\r\nSet-Cookie: a=b\r\n\r\n<b>",
    "event: gone\ndata: x\n\n",
    "\ud800<i>\udfff",
    "z" + "\u0301" * 300 + "<u>",
    "＜script＞ ‹b› ＂",
]


async def a_full_case(site, text: str) -> int:
    """Put a text wherever a case, its events, its runs and people's words can hold one."""
    stored = text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")  # of what is more than an event's body, intake lets no more through
    names = dict.fromkeys(("type", "subject", "id", "source", "dedup_key"), stored)
    event = an_event(1, **names, hosts=(stored,), data={"name": text, text: [text, {text: text}]})
    fields = {"type": stored, "name": stored, "subject": stored, "kind": stored, "dedup_key": stored, "hosts": (stored,), "decided_by": stored}

    def put(tx) -> None:
        tx.mark_handled(tx.insert_event(event, child="monitors", received_at=100.0), 1)

    case = await site.add_case(2, why=stored, reason=stored, state="awaiting_approval", child=stored, mode=stored, **fields)
    await site.store.run(put)
    dispatch = Dispatch("0123", 1, (stored,), (Share(case.id, (stored,)),), 100.0, "planned", stored)

    def run(tx) -> None:
        tx.add_dispatch(dispatch)
        tx.put_executions([ExecutionRow("0123", 7, stored, stored, "failed", 0, 1.0, stored, "2026-01-31T12:00:00Z", None)])
        tx.note(case.id, stored, by=stored, now=200.0)
        tx.add_pause(Pause({"host": stored, "name": [stored, stored]}, 100.0, stored, stored))
        tx.save_storm(Storm(100.0, 10, 20, stored), now=100.0)

    await site.store.run(run)
    return case.id


def pages_with(visit, text: str) -> dict[str, str]:
    """Return every page that shows the text, to somebody who is signed in."""
    pages = {}

    async def scenario(site):
        site.conditions["monitors"] = failing(text)
        case_id = await a_full_case(site, text)
        csrf = await site.sign_in()
        for path in ("/", f"/cases/{case_id}", "/cases", f"/cases?text={'%3Cb%3E' if '<' in text else 'a'}&state=open"):
            status, page = await site.get(path)
            assert status == 200
            pages[path] = page.replace(csrf, "the session's word")

    visit(scenario)
    return pages


def failing(text: str):
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition

    condition = Condition()
    condition.started(100.0)
    condition.failed(text, 101.0)
    return condition


@pytest.fixture(scope="module", name="benign")
def _benign(tmp_path_factory):
    import asyncio

    from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import site

    def visit(scenario) -> None:
        async def whole() -> None:
            async with site(tmp_path_factory.mktemp("benign")) as made:
                await scenario(made)

        asyncio.run(whole())

    return pages_with(visit, BENIGN)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_has_the_same_elements_whatever_the_text(visit, benign, text):
    for (path, page), (_same, plain) in zip(pages_with(visit, text).items(), benign.items()):
        given, wanted = Structure(page), Structure(plain)
        assert given.elements == wanted.elements, path
        assert given.addresses - wanted.addresses <= {"/cases?text=%3Cb%3E&state=open"}, path


@pytest.mark.parametrize("text", HOSTILE)
def test_the_text_stands_on_the_page_as_it_is(visit, text):
    shown = visible(text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd"))
    for path, page in pages_with(visit, text).items():
        assert shown in Structure(page).text or "?" in path, path


def test_a_template_cannot_print_what_is_not_escaped():
    for name in templates().list_templates():
        source = templates().loader.get_source(templates(), name)[0]
        assert "|safe" not in re.sub(r"\s", "", source) and "autoescape" not in source, name
        assert not re.search(r"<(?:script(?! src=\"/static)|style)|\son\w+=|style=", source), f"{name}: the Content-Security-Policy forbids it"
    assert templates().autoescape is True


def test_only_what_a_template_made_is_markup():
    assert render("problem.html", **shell(message="<b>")).count("&lt;b&gt;") == 1
    assert render("problem.html", **shell(message=Markup("<b>"))).count("<b>") == 1


def shell(**values):
    return {"title": "", "live": "", "now": 0.0, "here": "", "session": None, "can_sign_in": False, "path": "/", "notice": "", **values}


def test_long_text_is_cut_and_all_of_it_is_there(visit):
    async def scenario(site):
        case = await site.add_case(state="waiting", reason="begin " + "x" * 5000 + " end")
        _status, overview = await site.get("/")
        _status, page = await site.get(f"/cases/{case.id}")
        assert "begin xxx" in overview and "x end" not in overview
        assert "begin xxx" in page and "x end" in page and "show all 5010 characters" in page

    visit(scenario)


def test_a_large_event_is_cut_and_its_whole_text_is_a_link_away(visit):
    async def scenario(site):
        event = an_event(1, data={"log": "<b>\u202e" + "y" * 300_000 + " the end"})
        case = await site.add_case(2)
        await site.store.run(lambda tx: tx.mark_handled(tx.insert_event(event, child="m", received_at=1.0), case.id))
        _status, page = await site.get(f"/cases/{case.id}")
        assert len(page) < 30_000 and "the end" not in page
        address = re.search(r'href="(/cases/\d+/events/\d+)"', page)[1]
        async with site.browser.get(site.url + address) as response:
            text = await response.text()
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "<b>⟦U+202E⟧y" in text and "the end" in text
        other = await site.add_case(3)
        assert (await site.get(address.replace(f"/cases/{case.id}/", f"/cases/{other.id}/")))[0] == 404

    visit(scenario)
