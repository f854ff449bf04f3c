# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of the kernel's log only what it says of processes that it has killed lately is told."""

from __future__ import annotations

import os
import threading

from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.kernel_log import killed_lately

RECORDS = [
    b"6,1,1000000,-;Out of memory: Killed process 1 (old)\n",
    b"6,2,9000000000,-;eth0: link up\n",
    b"3,3,9000000001,-;Out of memory: Killed process 4711 (java) total-vm:1kB\n SUBSYSTEM=memory\n",
    b"6,4,9000000002,-;oom-kill:constraint=CONSTRAINT_NONE,task=java\n",
]


def test_what_was_killed_in_the_last_hour(tmp_path):
    """A pipe in packet mode gives one record for each read, as the kernel's log does."""
    reader, writer = os.pipe2(os.O_DIRECT | os.O_NONBLOCK)
    (tmp_path / "uptime").write_text("9010.00 100.0\n")
    threading.Thread(target=lambda: [os.write(writer, record) for record in RECORDS]).run()

    lines, unreadable = killed_lately(3600, f"/proc/self/fd/{reader}", str(tmp_path / "uptime"))

    os.close(writer)
    os.close(reader)
    assert lines == ["Out of memory: Killed process 4711 (java) total-vm:1kB", "oom-kill:constraint=CONSTRAINT_NONE,task=java"]
    assert unreadable == ""


def test_a_log_that_cannot_be_read_says_so(tmp_path):
    assert killed_lately(3600, str(tmp_path / "none"))[1] == "the kernel's log cannot be read: No such file or directory"
