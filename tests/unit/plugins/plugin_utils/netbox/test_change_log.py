# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The change log in pages: all of it comes, in order, whatever comes and goes between two pages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox import change_log
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.change import time_of
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.change_log import ChangeLog
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NoSuchEndpoint
from hypothesis import given, settings
from hypothesis import strategies as st

from .making import at

PAGE = 3
TYPES = ("virtualization.virtualmachine", "ipam.ipaddress", "extras.configcontext")
TIMES = st.integers(0, 5)


class Log:
    """A change log that does what NetBox's does with a query; `between` is called after each answer."""

    def __init__(self, rows: list[dict], *, is_new: bool = True, path: str = "core/object-changes") -> None:
        self.rows, self.is_new, self.path = rows, is_new, path
        self.asked: list[dict[str, list]] = []
        self.paths: list[str] = []
        self.between = lambda: None

    def is_since(self, major: int, minor: int) -> bool:
        assert (major, minor) == (4, 6)
        return self.is_new

    async def page(self, path: str, query: Any, limit: int) -> list[dict]:
        self.paths.append(path)
        if path != self.path:
            raise NoSuchEndpoint(path)
        several: dict[str, list] = {}
        for name, value in query:
            several.setdefault(name, []).append(value)
        self.asked.append(several)
        types = several.get("changed_object_type")
        found = [row for row in self.rows if types is None or row["changed_object_type"] in (types if self.is_new else types[-1:])]
        for name, fits in _FILTERS.items():
            if name in several:
                found = [row for row in found if fits(row, several[name])]
        assert set(several) <= {*_FILTERS, "changed_object_type", "ordering", "fields"}, "NetBox would ignore it"
        key = several["ordering"][0]
        # Among rows of one time the order is anyone's.
        found = sorted(found, key=lambda row: (row[key.lstrip("-")], -row["id"]), reverse=key.startswith("-"))[:limit]
        self.between()
        return found


_FILTERS = {
    "time_after": lambda row, given: time_of(row["time"]) >= time_of(given[-1]),
    "time_before": lambda row, given: time_of(row["time"]) <= time_of(given[-1]),
    "id__gt": lambda row, given: row["id"] > given[-1],
    "changed_object_id": lambda row, given: row["changed_object_id"] in given,
}


def row(number: int, seconds: float, kind: str = TYPES[0], object_id: int = 1) -> dict:
    return {
        "id": number,
        "time": at(seconds).isoformat().replace("+00:00", "Z"),
        "action": {"value": "create"},
        "changed_object_type": kind,
        "changed_object_id": object_id,
    }


def rows_of(times: list[int], kinds: list[str] | None = None) -> list[dict]:
    return [row(number, seconds, kinds[number - 1] if kinds else TYPES[0]) for number, seconds in enumerate(times, 1)]


@pytest.fixture(autouse=True, scope="module")
def _small_pages():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(change_log, "_PAGE_SIZE", PAGE)
        yield


def read(log: Log, time=None, types=TYPES) -> list:
    async def scene():
        return [change async for page in ChangeLog(log, types).since(time) for change in page]

    return asyncio.run(scene())


@settings(deadline=None)
@given(st.lists(st.tuples(TIMES, st.sampled_from(TYPES)), max_size=25), st.none() | TIMES, st.booleans())
def test_all_rows_come_in_the_order_of_their_times_from_new_and_old_versions(written, since, is_new):
    rows = rows_of([seconds for seconds, _kind in written], [kind for _seconds, kind in written])
    found = read(Log(rows, is_new=is_new), None if since is None else at(since))
    assert {change.id for change in found} == {each["id"] for each in rows if since is None or time_of(each["time"]) >= at(since)}
    assert [change.time for change in found] == sorted(change.time for change in found)


@settings(deadline=None)
@given(st.lists(TIMES, min_size=1, max_size=25), st.lists(st.integers(0, 30)), st.lists(TIMES, max_size=10), st.booleans())
def test_rows_that_come_and_go_meanwhile_hide_no_others(times, go, come, is_new):
    log = Log(rows_of(times), is_new=is_new)
    stays = {each["id"] for each in log.rows} - set(go)
    leaving, coming = list(go), list(enumerate(come, 100))

    def between():
        if leaving:
            gone = leaving.pop()
            log.rows = [each for each in log.rows if each["id"] != gone]
        if coming:
            log.rows.append(row(*coming.pop()))

    log.between = between
    assert {change.id for change in read(log, None, TYPES[:1])} >= stays


@pytest.mark.parametrize("count", [PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 3 * PAGE + 1])
def test_more_rows_of_one_time_than_a_page_takes(count):
    rows = rows_of([0, *[1] * count, 2])
    assert [change.id for change in read(Log(rows))][-1] == count + 2
    assert {change.id for change in read(Log(rows), at(1))} == set(range(2, count + 3))


def test_an_old_version_is_asked_for_one_type_at_a_time():
    log = Log(rows_of([0, 1, 2], list(TYPES)), is_new=False)
    assert [change.object_type for change in read(log)] == list(TYPES)
    assert [each["changed_object_type"] for each in log.asked] == [[each] for each in TYPES]


@settings(deadline=None)
@given(st.lists(st.sampled_from(TYPES), max_size=20), st.integers(0, 20), st.booleans())
def test_higher_ids_come_in_their_order_whatever_their_times(kinds, number, is_new):
    rows = [row(each, -each, kind) for each, kind in enumerate(kinds, 1)]
    log = ChangeLog(Log(rows, is_new=is_new), TYPES)

    async def scene():
        return [change.id async for page in log.beyond(number) for change in page]

    assert asyncio.run(scene()) == [each["id"] for each in rows if each["id"] > number]


def test_the_changes_of_some_objects_come_by_time_each_once():
    rows = [row(number, -number % 7, TYPES[number % 2], number % 4) for number in range(1, 30)]
    log = ChangeLog(Log(rows), TYPES)
    keys = [(TYPES[0], 2), (TYPES[1], 1), (TYPES[1], 3)]
    found = asyncio.run(log.of(keys, at(2)))
    wanted = [each for each in rows if (each["changed_object_type"], each["changed_object_id"]) in keys and time_of(each["time"]) >= at(2)]
    assert [change.id for change in found] == [each["id"] for each in sorted(wanted, key=lambda each: (each["time"], each["id"]))]


@pytest.mark.parametrize("path", ["core/object-changes", "extras/object-changes"])
def test_the_newest_and_the_oldest_are_found_where_the_version_has_them(path):
    log = ChangeLog(Log(rows_of([3, 1, 2]), path=path), TYPES)
    assert asyncio.run(log.newest()).id == 1
    assert asyncio.run(log.newest(at(2))).id == 3
    assert asyncio.run(log.oldest()).id == 2
    assert asyncio.run(ChangeLog(Log([], path=path), TYPES).newest()) is None


def test_an_upgrade_moves_it_once():
    moving = Log(rows_of([1]), path="extras/object-changes")
    log = ChangeLog(moving, TYPES)
    assert asyncio.run(log.oldest()).id == 1
    moving.path = "core/object-changes"
    assert asyncio.run(log.oldest()).id == asyncio.run(log.oldest()).id == 1
    # It was looked for elsewhere once each time, and is not any more.
    assert moving.paths == ["core/object-changes", *["extras/object-changes"] * 2, *["core/object-changes"] * 2]


def test_no_change_log_at_all_is_an_error():
    with pytest.raises(NoSuchEndpoint):
        asyncio.run(ChangeLog(Log([], path="nowhere"), TYPES).oldest())
