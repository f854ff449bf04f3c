# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What /proc says is read as the kernel means it: from files as they are, and from this machine."""

from __future__ import annotations

import os
import sys

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure import measuring, telling
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.processes import Process, processes, ticks_since, with_shared_memory_split

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def proc(directory, **files: str) -> str:
    for name, text in files.items():
        path = directory / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return str(directory)


def test_memory_that_can_be_had_back_is_not_in_use(tmp_path):
    meminfo = "MemTotal: 1000 kB\nMemFree: 50 kB\nMemAvailable: 400 kB\nCached: 350 kB\nSwapTotal: 100 kB\nSwapFree: 25 kB\nHugePages_Total: 0\n"

    found = measuring.memory(proc(tmp_path, meminfo=meminfo))

    assert (found["used_percent"], found["available_bytes"], found["swap_used_bytes"]) == (60.0, 400 * 1024, 75 * 1024)


def test_waiting_for_a_disk_is_not_being_busy_and_guests_are_counted_once(tmp_path):
    assert measuring.cpu_ticks(proc(tmp_path, stat="cpu  100 10 50 800 30 5 5 0 40 4\ncpu0 1 1 1 1\n")) == (170, 1000)


def test_pressure_and_kills_where_the_kernel_tells_them(tmp_path):
    some = "some avg10=1.50 avg60=2.25 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    place = proc(tmp_path, pressure__memory=some, vmstat="nr_free_pages 1\noom_kill 3\n")

    assert measuring.pressure(place) == {"memory": {"avg10": 1.5, "avg60": 2.25}}
    assert measuring.oom_kills(place) == 3
    assert (measuring.pressure(str(tmp_path / "none")), measuring.oom_kills(str(tmp_path / "none"))) == ({}, 0)


def process(pid: int, ticks: int, started: int) -> Process:
    return Process(pid, "app", "root", "", "", 0, ticks, started)


def test_a_number_that_another_process_has_now_is_another_process():
    before = {1: process(1, 100, 5), 2: process(2, 100, 5)}
    after = {1: process(1, 130, 5), 2: process(2, 7, 9), 3: process(3, 4, 9)}

    assert ticks_since(before, after) == {1: 30, 2: 7, 3: 4}


@linux
def test_the_processes_of_this_machine():
    found = with_shared_memory_split(processes())

    parent = found.get(os.getppid())
    assert os.getpid() not in found
    assert parent is None or parent.memory_bytes > 0
    assert all(each.name and "\n" not in each.name for each in found.values())


def test_evidence_fits_into_a_note():
    many = [process(number, 0, 0) for number in range(500)]
    resource = telling.Resource("memory", 1000, 95, 90)

    assert len(telling.about_processes(resource, many, {})) < 1000
    assert "and " in telling.about_processes(resource, many, {})
    assert telling.about_kills(0, [], "not granted") == ""
    assert telling.about_kills(2, [], "not granted") == "2 processes killed for want of memory since the start; not granted"
    assert telling.wrong(resource).startswith("95 % of the memory is used")
