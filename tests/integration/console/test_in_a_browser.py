# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The console in a real Chromium: live, by keyboard, on a phone, in the dark, without JavaScript, and with hostile text."""

from __future__ import annotations

import time

import pytest
from ansible_collections.eventops.infra.tests.integration.console import scene
from ansible_collections.eventops.infra.tests.integration.console.browser import look_like
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import an_event

PHONE = 360  # the narrowest that is still sold


def change(console, case_id: int, state: str, **changes) -> None:
    """Have a case in another state."""
    case = console.store.run_now(lambda tx: tx.case(case_id))
    console.do(console.site.change(case, "changed by the test", state=state, **changes))


def pauses(console) -> list:
    return console.store.run_now(lambda tx: tx.pauses(time.time()))


def test_what_happens_is_shown_without_reloading(reader, console, cases):
    reader.open()
    reader.script("window.isTheSamePage = true")
    assert "web-03" in reader.text("#waiting")
    change(console, cases["backoff"], "resolved", live=False, waits_for="")
    reader.wait_for(lambda: "web-03" in reader.text("#finished") and "web-03" not in reader.text("#waiting"), "the case to move")
    scene.write(console, scene.a_storm)
    reader.wait_for(lambda: "It began with 161 of 200 hosts failing at once" in reader.text("#status"), "the storm")
    reader.wait_for(lambda: reader.text("#tiles .waiting b") == "63", "how many wait")
    said = reader.script("return document.querySelector('#said').textContent")
    assert "It began with 161 of 200 hosts failing at once" in said and "Paused" not in said, "what is new is said to those who do not see it"
    assert reader.script("return window.isTheSamePage") is True


def test_the_page_of_a_case_is_live_too(reader, console, cases):
    reader.open(f"/cases/{cases['backoff']}")
    assert "waiting" in reader.text("#head")
    change(console, cases["backoff"], "exhausted", reason="nothing helped", waits_for="")
    reader.wait_for(lambda: "nothing helped" in reader.text("#head"), "its new state")
    assert reader.text("#steps .step:last-child .chip:last-of-type") == "exhausted"


def test_focus_scroll_and_what_is_being_typed_stay(reader, console, cases):
    reader.sign_in()
    reader.open()
    reader.script("document.querySelector('#pause-only').open = true")
    reader.script("document.querySelector('[name=host]').focus()")
    reader.press(*"web-0")
    reader.script("window.scrollTo(0, 300)")
    change(console, cases["backoff"], "resolved", live=False, waits_for="")
    reader.wait_for(lambda: "web-03" in reader.text("#finished"), "the case to move")
    reader.press("7")
    assert reader.script("return [document.activeElement.name, document.activeElement.value]") == ["host", "web-07"]
    assert reader.script("return document.querySelector('#pause-only').open") is True
    assert abs(reader.script("return window.scrollY") - 300) < 60


def test_a_button_keeps_the_focus_while_its_list_changes_and_its_place_goes_to_the_heading(reader, console, cases):
    reader.sign_in()
    reader.open()
    button = f"#retry-{cases['backoff']}"
    reader.script("document.querySelector(arguments[0]).focus()", button)
    for number in range(3):
        console.do(console.site.add_case(500 + number, state="waiting", name=f"Another{number}"))
        reader.wait_for(lambda number=number: f"Another{number}" in reader.text("#waiting"), "another case")
        assert reader.script("return document.activeElement.matches(arguments[0])", button)
    change(console, cases["backoff"], "resolved", live=False, waits_for="")
    reader.wait_for(lambda: "web-03" in reader.text("#finished"), "the case to move")
    assert reader.script("return document.activeElement.id") == "waiting-title"


def test_open_details_stay_open(reader, console):
    case = console.do(console.site.add_case(reason="x" * 1000))
    reader.open(f"/cases/{case.id}")
    reader.script("document.querySelector('#reason').open = true; document.querySelector('details.event').open = false")
    console.do(console.site.order(f"/cases/{case.id}/note", {"why": "looked at it"}))
    reader.wait_for(lambda: "looked at it" in reader.text("#steps"), "the note")
    assert reader.script("return [document.querySelector('#reason').open, document.querySelector('details.event').open]") == [True, False]


def test_all_is_done_by_keyboard(reader, console, cases):
    reader.sign_in()
    reader.open()
    reader.tab_to("#pause")
    reader.press("ENTER")
    reader.wait_for(lambda: "Paused" in reader.text("#notice"), "what came of it")
    reader.wait_for(lambda: reader.text("#status").count("Paused") == 2, "the banner")
    (_marta, ours) = pauses(console)
    assert (dict(ours.match), ours.by) == ({}, "ann")
    assert reader.script("return document.activeElement.id") == "pause", "and one goes on from there"
    reader.script("document.querySelector('main').focus()")
    reader.tab_to(f"#resume-{ours.id}")
    reader.press("SPACE")
    reader.wait_for(lambda: len(pauses(console)) == 1, "the pause to end")
    reader.tab_to(f"#approve-{cases['approval']}")
    reader.press("ENTER")
    reader.wait_for(lambda: console.store.run_now(lambda tx: tx.case(cases["approval"])).state == "open", "the approval")


def test_enter_in_the_field_of_a_case_writes_a_note_and_decides_nothing(reader, console, cases):
    reader.sign_in()
    reader.open(f"/cases/{cases['approval']}")
    reader.tab_to("[name=why]")
    reader.press(*"asked bob", "ENTER")
    reader.wait_for(lambda: "asked bob" in reader.text("#steps"), "the note")
    assert console.store.run_now(lambda tx: tx.case(cases["approval"])).state == "awaiting_approval"
    assert reader.script("return document.querySelector('[name=why]').value") == ""


def test_the_focus_can_be_seen(reader, cases):
    reader.sign_in()
    reader.open()
    for selector in (".brand", "#pause", "[name=why]", f"#approve-{cases['approval']}", "a.title"):
        reader.tab_to(selector)
        style, width = reader.script("const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]")
        assert style == "solid" and width >= 2, selector


def test_a_decision_that_cannot_be_made_is_said(reader, console, cases):
    reader.sign_in()
    change(console, cases["approval"], "running")
    reader.open(f"/cases/{cases['approval']}")
    # A page that does not know yet: its button is still there.
    reader.script("document.querySelector('#note').setAttribute('formaction', arguments[0])", f"/cases/{cases['approval']}/approve")
    reader.script("document.querySelector('[name=why]').value = 'I know this one'")
    reader.driver.find_element("id", "note").click()
    reader.wait_for(lambda: "is running, and only a case that is awaiting_approval" in reader.text("#notice"), "why not")
    assert reader.script("return document.querySelector('[name=why]').value") == "I know this one", "what was typed is not lost"
    reader.driver.get_log("browser")  # Chromium writes down each 409


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_only_downwards(reader, driver, console, cases, scheme):
    console.do(console.site.add_case(900, name="N" * 200, reason="r" * 600, subject="s" * 300, hosts=("h" * 250,), state="awaiting_approval"))
    long = console.do(console.site.add_case(901, name="M" * 900, reason="/a/path/" * 200, dedup_key="k" * 900, hosts=tuple(f"host-{n}" for n in range(300))))
    reader.sign_in()
    look_like(driver, width=PHONE, scheme=scheme)
    for path in ("/", f"/cases/{cases['defeat']}", f"/cases/{long.id}"):
        reader.open(path)
        assert_fits(reader, path)
    for path in ("/cases", "/cases/99999"):
        driver.get(console.url + path)
        assert_fits(reader, path)
    driver.get_log("browser")  # the case that is not there


def assert_fits(reader, path: str) -> None:
    wide = reader.script(
        """
        const width = document.documentElement.clientWidth;
        return [...document.querySelectorAll('body *')]
          .filter((each) => each.getBoundingClientRect().right > width + 1 && !each.closest('.unseen, .skip, pre'))
          .map((each) => each.outerHTML.slice(0, 120));
        """
    )
    assert wide == [], path
    assert reader.script("return document.documentElement.scrollWidth") <= PHONE, path


def test_fingers_find_the_buttons_of_a_phone(reader, driver, cases):
    reader.sign_in()
    look_like(driver, width=PHONE)
    reader.open()
    fields = ".button, input:not([type=hidden]), select"
    heights = reader.script("return [...document.querySelectorAll(arguments[0])].map((each) => each.offsetHeight).filter((height) => height)", fields)
    assert len(heights) > 8 and min(heights) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_the_light_and_in_the_dark(reader, driver, cases, scheme):
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1."""
    reader.sign_in()
    look_like(driver, width=1280, scheme=scheme)
    for path in ("/", f"/cases/{cases['defeat']}"):
        reader.open(path)
        page = reader.script("return getComputedStyle(document.body).backgroundColor")
        assert (brightness(page) > 0.5) == (scheme == "light")
        faint = [(text, ratio) for text, ratio in contrasts(reader) if ratio < 4.5]
        assert faint == [], path


def contrasts(reader) -> list[tuple[str, float]]:
    """Return each text of the page with the contrast that it has to what is behind it."""
    found = reader.script(
        """
        const behind = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (!/, 0\\)$|transparent/.test(colour)) return colour;
          }
        };
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        while (texts.nextNode()) {
          const element = texts.currentNode.parentElement;
          if (texts.currentNode.data.trim() && element.checkVisibility() && !element.closest('.unseen, .skip, noscript, select')) {
            found.push([texts.currentNode.data.trim().slice(0, 40), getComputedStyle(element).color, behind(element)]);
          }
        }
        return found;
        """
    )
    assert len(found) > 40
    return [(text, round(contrast(colour, ground), 2)) for text, colour, ground in found]


def contrast(one: str, other: str) -> float:
    high, low = sorted((brightness(one), brightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def brightness(colour: str) -> float:
    """Return the relative luminance of a colour as a browser writes it (WCAG 2.2)."""
    channels = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>\"'><a href=javascript:alert(1)>\u202etxt.exe"


def test_hostile_text_is_text_when_it_is_loaded_and_when_it_comes_live(reader, console):
    def put(number: int) -> int:
        case = console.do(console.site.add_case(number, name=HOSTILE, subject=HOSTILE, reason=HOSTILE, hosts=(HOSTILE,), state="waiting"))
        event = an_event(number + 50, data={HOSTILE: HOSTILE})
        console.store.run_now(lambda tx: tx.mark_handled(tx.insert_event(event, child="m", received_at=1.0), case.id))
        return case.id

    first = put(1)
    reader.sign_in()
    for path, part in (("/", "#waiting"), (f"/cases/{first}", "#events pre")):
        reader.open(path)
        shown = HOSTILE.replace("\u202e", "⟦U+202E⟧")
        assert (shown if part == "#waiting" else shown.replace('"', '\\"')) in reader.text(part)
        second = put(2 if path == "/" else 3)
        if path == "/":
            reader.wait_for(lambda second=second: reader.text("#waiting").count(f"#{second}") == 1, "the second")
        else:
            console.do(console.site.order(f"/cases/{first}/note", {"why": HOSTILE}))
            reader.wait_for(lambda: "Note" in reader.text("#steps") and "<img" in reader.text("#steps"), "the note")
        assert reader.driver.title != "owned"
        assert reader.script("return document.querySelectorAll('main img, main script, main [onerror], main [href^=javascript]').length") == 0


def test_the_policy_stops_what_would_be_interpreted(reader, console):
    """Were there a hole in the escaping, the browser would still run nothing: an element is put into the page as a hole would."""
    reader.open()
    reader.script("document.querySelector('#waiting').innerHTML = '<img src=x onerror=\"window.owned = true\"><b style=\"color: red\">b</b>'")
    reader.script("const s = document.createElement('script'); s.textContent = 'window.owned = true'; document.body.append(s)")
    reader.wait_for(lambda: len([line for line in reader.driver.get_log("browser") if "Content Security Policy" in line["message"]]) >= 1, "its refusal")
    assert reader.script("return window.owned") is None
    reader.driver.get_log("browser")


def test_without_javascript_everything_works_by_loading_pages(reader, driver, console, cases):
    def shows(place: str, *texts: str) -> None:
        reader.wait_for(lambda: all(text in driver.find_element("css selector", place).text for text in texts), f"{texts} in {place}")

    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    driver.get(console.url + "/signin")
    driver.find_element("name", "token").send_keys(ANN.secret)
    driver.find_element("css selector", ".signin .button").click()
    shows("main", "Reload it to see what is new")
    shows("#waiting time", " UTC")
    driver.find_element("id", f"approve-{cases['approval']}").click()
    shows("#notice", f"Case {cases['approval']}: approved.")
    driver.find_element("name", "why").send_keys("deploying")
    driver.find_element("id", "pause").click()
    shows("#status", "everything", "deploying")
    driver.get(f"{console.url}/cases/{cases['defeat']}")
    driver.find_element("name", "why").send_keys("found the key")
    driver.find_element("id", f"retry-{cases['defeat']}").click()
    shows("#steps", "found the key")
    shows("#head", "open")


def test_a_page_says_when_it_is_not_live_and_goes_on_when_it_can(reader, driver, console, cases):
    reader.open()
    console.do(end_streams(console))
    reader.wait_for(lambda: reader.text("#connection") != "Live", "the page to say so")
    change(console, cases["backoff"], "resolved", live=False, waits_for="")
    reader.wait_for(lambda: reader.text("#connection") == "Live" and "web-03" in reader.text("#finished"), "the page to go on")
    driver.get_log("browser")


async def end_streams(console) -> None:
    console.site.parts.live.close()


def test_times_are_told_as_people_do(reader, cases):
    reader.open()
    assert reader.script("return [...document.querySelectorAll('time')].filter((e) => !/ago$|^in |just now|20\\d\\d/.test(e.textContent)).length") == 0
    assert "UTC" in reader.script("return document.querySelector('time').title") or reader.script("return document.querySelector('time').title") != ""


def test_signing_out_elsewhere_ends_what_this_page_could_do(reader, console, cases):
    reader.sign_in()
    reader.open()
    assert reader.script("return document.querySelectorAll('[formaction]').length") > 0
    for session in list(console.site.parts.sessions._open.values()):
        console.site.parts.sessions.end(session)
    console.do(console.site.add_case(700))
    reader.wait_for(lambda: "Sign in" in reader.text(".top"), "the page to be that of a stranger")
    assert reader.script("return document.querySelectorAll('[formaction]').length") == 0
