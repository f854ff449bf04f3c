# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the pages say, to a browser without JavaScript."""

from __future__ import annotations

import re
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console.overview import MOST_CASES
from ansible_collections.eventops.infra.plugins.plugin_utils.console.story import MOST_STEPS, tell
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.store.rows.search import Search
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, UNFINISHED, Dispatch, ExecutionRow, Pause, Share, Storm
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.structure import Structure
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import an_event


def section(page: str, name: str) -> str:
    """Return the text of one list of the first page."""
    return " ".join(Structure(re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)[0]).text.split())


async def a_dispatch(site, *cases, uuid="0123", executions=(), **changes) -> None:
    shares = tuple(Share(case.id, case.target_hosts) for case in cases)
    hosts = tuple(host for share in shares for host in share.hosts)
    dispatch = Dispatch(uuid, 1, hosts, shares, time.time(), **changes)

    def put(tx) -> None:
        tx.add_dispatch(dispatch)
        tx.put_executions([ExecutionRow(uuid, 7, "heal.yml", host, status, 2, 3.0, error, "2026-01-31T12:00:00Z", None) for host, status, error in executions])

    await site.store.run(put)


@pytest.mark.parametrize(
    ("state", "changes", "where"),
    [
        ("open", {}, "queued"),
        ("awaiting_approval", {}, "attention"),
        ("exhausted", {"live": True}, "attention"),
        ("exhausted", {"live": False}, "finished"),
        ("resolved", {"live": False}, "finished"),
        ("verifying", {}, "verifying"),
        ("waiting", {"waits_for": "backoff"}, "waiting"),
        ("waiting", {"waits_for": "storm"}, "waiting"),
        ("suppressed", {}, "aside"),
        ("observed", {}, "aside"),
        ("unmatched", {"live": False}, "aside"),
    ],
)
def test_each_case_stands_in_one_list_with_its_reason(visit, state, changes, where):
    async def scenario(site):
        await site.add_case(state=state, name="DiskFull", reason="this is why", **changes)
        _status, page = await site.get("/")
        found = [name for name in ("attention", "runs", "queued", "waiting", "verifying", "finished", "aside") if "DiskFull" in section(page, name)]
        assert found == [where]
        assert "this is why" in section(page, where) and state.replace("_", " ") in section(page, where) and "on web-01" in section(page, where)

    visit(scenario)


def test_what_runs_is_shown_run_by_run(visit):
    async def scenario(site):
        cases = [await site.add_case(number, state="running", name=f"Down{number}", hosts=(f"web-{number:02}",)) for number in range(1, 10)]
        await a_dispatch(site, *cases)
        await a_dispatch(site, await site.add_case(20, state="dispatched", name="Parked"), uuid="4567", state="parked")
        _status, page = await site.get("/")
        runs = section(page, "runs")
        assert "Running 2" in runs and "web-01, web-02, web-03, web-04, web-05 and 4 more" in runs and "9 hosts" in runs
        assert "Down1" in runs and "and 3 more" in runs and "waits for its rule" in runs
        assert "2 running" in section(page, "tiles")

    visit(scenario)


def test_a_list_is_cut_and_says_how_many_there_are(visit):
    async def scenario(site):
        for number in range(MOST_CASES + 5):
            await site.add_case(number, state="waiting")
        for number in range(100, 100 + MOST_CASES + 5):
            await site.add_case(number, state="exhausted")
        _status, page = await site.get("/")
        assert f"Waiting {MOST_CASES + 5}" in section(page, "waiting") and section(page, "waiting").count("#") == MOST_CASES
        assert f"Needs you {MOST_CASES}+" in section(page, "attention")
        assert 'href="/cases?state=waiting"' in page and 'href="/cases?state=exhausted"' in page

    visit(scenario)


def test_what_holds_everything_stands_at_the_top(visit):
    async def scenario(site):
        now = time.time()
        site.is_ready = False
        for name in ("broken", "well"):
            site.conditions[name] = Condition()
            site.conditions[name].started(now)
        site.conditions["broken"].failed("OSError: address in use", now)
        await site.store.run(lambda tx: (tx.add_pause(Pause({}, now, "ann", "deploying", now + 60)), tx.save_storm(Storm(now, 161, 200), now=now)))
        for path in ("/", f"/cases/{(await site.add_case()).id}"):
            _status, page = await site.get(path)
            said = section(page, "status")
            assert re.search(r"Paused everything by ann .*, ends .* deploying", said)
            assert re.search(r"It began with 161 of 200 hosts failing at once, .*; now 1\.", said)
            assert "Starting ansible-rulebook does not take dispatches yet" in said
            assert "Source broken fails" in said and "address in use" in said and "well" not in said and "Observing" in said

    visit(scenario, mode="observe")


def test_a_storm_that_was_released_says_by_whom(visit):
    async def scenario(site):
        await site.store.run(lambda tx: tx.save_storm(Storm(1.0, 161, 200, "bob"), now=1.0))
        await site.sign_in()
        _status, page = await site.get("/")
        assert "Released by bob" in section(page, "status") and "/storm/release" not in page

    visit(scenario)


def test_the_story_of_a_case(visit):
    async def scenario(site):
        case = await site.add_case(why="opened for alert/DiskFull", state="open", name="DiskFull", attempt=1, decided_by="bob")
        other = await site.add_case(2)
        executions = [("web-01", "failed", "no space left"), ("elsewhere", "ok", None)]
        await a_dispatch(site, case, other, executions=executions, state="ended", outcome="1 of 2 failed", ended_at=time.time() + 3)
        await site.change(case, "attempt 1 failed, next in 30 s", state="waiting", waits_for="backoff", reason="attempt 1 failed")
        await site.order(f"/cases/{case.id}/note", {"why": "looked at it"})
        _status, page = await site.get(f"/cases/{case.id}")
        steps, head, events = section(page, "steps"), section(page, "head"), section(page, "events")
        order = ["Event alert.firing from monitors", "Opened open", "opened for alert/DiskFull", "Attempt 1 ended"]
        order += ["open → waiting", "next in 30 s", "Note by ann", "looked at it"]
        assert sorted(map(steps.index, order)) == list(map(steps.index, order)), steps
        assert "failed web-01" in steps and "no space left" in steps and "elsewhere" not in steps and "in one run with 1 other case" in steps
        assert "DiskFull on web-01" in head and "waiting" in head and "Decided by bob" in head
        assert '"specversion": "1.0"' in events and '"name": "ServiceDown"' in events

    visit(scenario)


def test_a_story_without_end_is_cut_in_the_middle(visit):
    async def scenario(site):
        case = await site.add_case(why="the very first")
        await site.store.run(lambda tx: [tx.note(case.id, f"note {number}", by="ann", now=time.time()) for number in range(MOST_STEPS + 50)])
        story = await site.store.run(lambda tx: tell(tx, case.id))
        assert len(story.steps) == MOST_STEPS and story.left_out == 52
        _status, page = await site.get(f"/cases/{case.id}")
        assert "52 older steps are not shown" in page and f"note {MOST_STEPS + 49}" in page and "note 0<" not in page

    visit(scenario)


def test_a_case_with_many_events_shows_the_newest_and_the_one_that_it_reads(visit):
    async def scenario(site):
        case = await site.add_case()

        def join(tx) -> None:
            for number in range(10, 40):
                tx.mark_handled(tx.insert_event(an_event(number, data={"number": number}), child="monitors", received_at=time.time()), case.id)

        await site.store.run(join)
        story = await site.store.run(lambda tx: tell(tx, case.id))
        assert [each.event.data.get("number") for each in story.events] == [*range(39, 29, -1), None]

    visit(scenario)


def test_a_case_that_is_not_there(visit):
    async def scenario(site):
        for path in ("/cases/0", "/cases/77", "/cases/999999999999999999", "/cases/1/events/1"):
            assert (await site.get(path))[0] == 404

    visit(scenario)


def test_all_cases_page_by_page(visit):
    async def scenario(site):
        for number in range(120):
            await site.add_case(number, state="resolved", live=False, name="Down" if number % 2 else "Full", hosts=(f"web-{number % 3}",))
        seen, path = [], "/cases?state=resolved"
        while path:
            _status, page = await site.get(path)
            seen += re.findall(r'id="case-(\d+)"', page)
            found = re.search(r'rel="next" href="([^"]+)"', page)
            path = found and found[1].replace("&amp;", "&")
        assert seen == [str(number) for number in range(120, 0, -1)]
        _status, page = await site.get("/cases?text=full&host=web-1")
        assert 0 < page.count("Full <span") == page.count('id="case-') == 20 and 'value="full"' in page

    visit(scenario)


def test_lists_take_a_tenth_of_the_stores_time(visit, monkeypatch):
    async def scenario(site):
        await site.add_case()
        began = time.monotonic()
        for _list in range(4):
            await site.get("/cases")
        assert time.monotonic() - began >= 3 * 0.05 / 0.1

    def slow(self, query):
        time.sleep(0.05)
        return find(self, query)

    find = Search.find_cases
    monkeypatch.setattr(Search, "find_cases", slow)
    visit(scenario)


def test_every_state_can_be_asked_for(visit):
    async def scenario(site):
        for number, state in enumerate(sorted(UNFINISHED | FINAL)):
            await site.add_case(number, state=state, live=False)
            _status, page = await site.get(f"/cases?state={state}")
            assert page.count('id="case-') == 1 and f'<option value="{state}" selected>' in page

    visit(scenario)


def test_buttons_are_those_of_who_is_signed_in(visit):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval")
        for path in ("/", f"/cases/{case.id}"):
            assert "formaction" not in (await site.get(path))[1]
        await site.sign_in()
        for path in ("/", f"/cases/{case.id}"):
            _status, page = await site.get(path)
            assert f'formaction="/cases/{case.id}/approve"' in page and "ann" in page

    visit(scenario)


def test_every_field_has_a_name_and_every_button_words(visit):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval")
        await site.sign_in()
        for path in ("/", f"/cases/{case.id}", "/cases", "/signin"):
            _status, page = await site.get(path)
            for button in re.findall(r"<button[^>]*>(.*?)</button>", page, re.DOTALL):
                assert button.strip()
            for field in re.findall(r"<(?:input|select)(?![^>]*hidden)[^>]*>", page):
                assert re.search(r"<label[^>]*>(?:(?!</label>).)*" + re.escape(field), page, re.DOTALL), field
            assert len(re.findall(r'\bid="([^"]+)"', page)) == len(set(re.findall(r'\bid="([^"]+)"', page))), path

    visit(scenario)


def test_what_the_router_tells_itself_does_not_crowd_out_what_was_finished(visit):
    async def scenario(site):
        await site.add_case(1, state="resolved", live=False, name="DiskFull")
        for number in range(2, 40):
            await site.add_case(number, state="resolved", live=False, kind="change", type="case.exhausted", name="Announced")
        finished = section((await site.get("/"))[1], "finished")
        assert "DiskFull" in finished and "Announced" not in finished
        assert "Announced" in (await site.get("/cases"))[1]

    visit(scenario)
