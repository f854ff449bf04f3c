# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each line is told of once: with its window, or, where that was told before it appeared, with others that were late."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import seen as seen_module
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import window as window_module
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.folding import Folding
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.seen import Seen
from hypothesis import given
from hypothesis import strategies as st

LENGTH, OVERLAP = 10, 30


def folding(length=LENGTH, start=0, position=0, seen=None) -> Folding:
    return Folding(length=length, overlap=OVERLAP, samples=3, start=start, position=position, seen=seen or Seen())


def line(number: int, at: int) -> Line:
    return Line(f"{number:056}", at, f"stream-{number % 3}", f"line {number}")


class Reader:
    """Reads a log again and again, as the search does, and notes what is told."""

    def __init__(self, length: int = LENGTH) -> None:
        self.folding = folding(length)
        self.told: list[tuple[int, bool, int]] = []
        self.ids: list[tuple] = []

    def read(self, visible: list[Line], now: int, *, dies: bool = False, length: int | None = None) -> None:
        old = self.folding
        if length is not None:  # another life
            self.folding = old = folding(length, old.start, old.position, Seen.from_text(old.seen.as_text()))
        old.restart()
        old.add(sorted((each for each in visible if each.at >= old.since), key=lambda each: each.at))
        until = old.floor(now)
        windows = old.complete(until)
        if dies:
            return
        for window in windows:
            self.told.append((window.start, window.is_late, window.count))
            self.ids.append((window.start, window.end, window.lines_known_by if window.is_late else ""))
        old.note(windows, until)


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, OVERLAP - LENGTH)), max_size=40), st.lists(st.integers(1, 12), max_size=30), st.data())
def test_every_line_is_counted_once_however_late_it_appears_and_however_often_it_is_read(lines, steps, data):
    written = [(line(number, at), at + late) for number, (at, late) in enumerate(lines)]
    reader, now = Reader(), 0
    for step in [*steps, 200]:
        now += step
        visible = [each for each, appears in written if appears <= now]
        if data.draw(st.booleans()):
            reader.read(visible, now, dies=True)
        reader.read(visible, now, length=data.draw(st.sampled_from((None, LENGTH))))
    assert sum(count for _start, _late, count in reader.told) == len(written)
    assert len(reader.ids) == len(set(reader.ids))
    by_window = Counter(at // LENGTH * LENGTH for at, _late in lines)
    for start, count in by_window.items():
        assert sum(each for window, _late, each in reader.told if window == start) == count


@given(st.lists(st.integers(0, 100), max_size=40), st.lists(st.tuples(st.integers(1, 12), st.sampled_from((3, 10, 25))), max_size=20))
def test_windows_of_another_length_tell_of_no_line_twice(times, steps):
    written = [line(number, at) for number, at in enumerate(times)]
    reader, now = Reader(), 0
    for step, length in [*steps, (200, LENGTH)]:
        now += step
        reader.read([each for each in written if each.at <= now], now, length=length)
    assert sum(count for _start, _late, count in reader.told) == len(written)
    assert len(reader.ids) == len(set(reader.ids))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 50)), min_size=1, max_size=30), st.randoms())
def test_what_late_lines_are_known_by_does_not_depend_on_their_order(lines, random):
    written = [line(number, at % LENGTH) for number, (at, _other) in enumerate(lines)]
    shuffled = list(written)
    random.shuffle(shuffled)
    known_by = []
    for some in (written, shuffled, written[1:]):
        late = folding(position=50)
        late.add(some)
        known_by += [each.lines_known_by for each in late.complete(0)] or [""]
    assert known_by[0] == known_by[1] != known_by[2]


def test_a_window_holds_the_first_lines_and_the_newest_and_one_of_each_stream():
    fold = folding()
    fold.add([line(number, number // 20) for number in range(100)])
    (window,) = fold.complete(LENGTH)
    assert (window.count, window.first_at, window.newest.message) == (100, 0, "line 99")
    assert [each.message for each in window.samples] == ["line 0", "line 1", "line 2"]
    assert {stream: each.message for stream, each in window.by_stream.items()} == {"stream-0": "line 99", "stream-1": "line 97", "stream-2": "line 98"}


def test_nothing_is_told_of_lines_from_before_the_start():
    fold = folding(start=15, position=15)
    fold.add([line(0, 14), line(1, 15), line(2, 22)])
    assert [(window.start, window.count) for window in fold.complete(30)] == [(10, 1), (20, 1)]


@pytest.fixture
def few_marks(monkeypatch):
    for module in (seen_module, window_module):
        monkeypatch.setattr(module, "MOST_MARKS", 10)


def test_what_is_remembered_is_bounded_and_no_line_is_doubled_for_it(few_marks):
    reader = Reader()
    written = [line(number, number // 7) for number in range(7 * 30)]
    for now in range(0, 80, 5):
        reader.read([each for each in written if each.at <= now], now)
        assert sum(len(marks) for marks in reader.folding.seen.marks.values() if marks) <= 10
    assert sum(count for _start, _late, count in reader.told) == len(written)


def test_what_is_seen_can_be_written_and_read():
    seen = Seen({(0, 10): frozenset("ab"), (10, 20): None})
    assert Seen.from_text(seen.as_text()) == seen
    assert Seen.from_text(None) == Seen()
    assert Seen().as_text() is None
    assert seen.has(5, "a") and seen.has(15, "anything") and not seen.has(5, "c") and not seen.has(25, "a")
