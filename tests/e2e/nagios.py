# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's Nagios 4 over a directory of the test's own, without its web pages; what its checks find is told to it by its command file."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

NAGIOS = "nagios4"
needed = pytest.mark.skipif(not all(map(shutil.which, (NAGIOS, "jq", "curl"))), reason="needs Debian's nagios4-core, jq and curl")

# A process that ends, and logs to its own directory. It runs as whoever runs the tests, so that directory may stay private.
MAIN = """\
log_file={directory}/nagios.log
cfg_dir={directory}/conf.d
object_cache_file={directory}/objects.cache
precached_object_file={directory}/objects.precache
status_file={directory}/status.dat
retain_state_information=0
nagios_user={user}
nagios_group={group}
check_external_commands=1
command_file={directory}/nagios.cmd
query_socket={directory}/nagios.qh
lock_file={directory}/nagios.lock
temp_file={directory}/nagios.tmp
temp_path={directory}/tmp
check_result_path={directory}/tmp
use_syslog=0
check_for_updates=0
check_workers=1
enable_notifications=1
enable_flap_detection=1
# Shorter than any round of checks of a host would be.
cached_host_check_horizon=0
"""
ALWAYS = """\
define timeperiod {
    timeperiod_name 24x7
    alias           always
    sunday          00:00-24:00
    monday          00:00-24:00
    tuesday         00:00-24:00
    wednesday       00:00-24:00
    thursday        00:00-24:00
    friday          00:00-24:00
    saturday        00:00-24:00
}
define command {
    command_name    no-check
    command_line    /bin/true
}
"""
# One failed result is a problem at once.
TELLS = """\
    contacts                eventops
    check_command           no-check
    active_checks_enabled   0
    passive_checks_enabled  1
    max_check_attempts      1
    check_period            24x7
    notification_period     24x7
    notification_interval   60
"""


class Nagios:
    """Nagios with hosts that have services each; nothing is checked, results are submitted.

    Args:
        directory: gets its configuration and all its files.
        env: the environment of the process.
    """

    def __init__(self, directory: Path, env: Mapping[str, str]) -> None:
        self.directory = directory
        self._env = dict(env)
        self._commands = directory / "nagios.cmd"
        for folder in ("conf.d", "tmp"):
            (directory / folder).mkdir(parents=True)

    def start(self, main: str, objects: str, hosts: Mapping[str, list[str]]) -> None:
        """Start it, and wait until it takes commands.

        Args:
            main: further lines of nagios.cfg.
            objects: definitions, among them the contact `eventops`.
            hosts: the names of hosts with the descriptions of their services.
        """
        user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        own = [f"define host {{\n    host_name {host}\n    address 127.0.0.1\n{TELLS}}}\n" for host in hosts]
        own += [f"define service {{\n    host_name {host}\n    service_description {each}\n{TELLS}}}\n" for host in hosts for each in hosts[host]]
        (self.directory / "nagios.cfg").write_text(MAIN.format(directory=self.directory, user=user, group=group) + main, encoding="utf-8")
        (self.directory / "conf.d" / "site.cfg").write_text(ALWAYS + "".join(own), encoding="utf-8")
        (self.directory / "conf.d" / "eventops.cfg").write_text(objects, encoding="utf-8")
        with open(self.directory / "output.txt", "wb") as output:
            process = subprocess.Popen(
                [NAGIOS, "nagios.cfg"], cwd=self.directory, env=self._env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        wait_until(lambda: process.poll() is not None or self._commands.exists(), "Nagios takes commands", 30, self.log)
        assert process.poll() is None, (self.directory / "output.txt").read_text(errors="replace")

    def service(self, host: str, service: str, state: int, output: str) -> None:
        """Submit what a check of a service found: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""
        self.command(f"PROCESS_SERVICE_CHECK_RESULT;{host};{service};{state};{output}")

    def host(self, host: str, state: int, output: str) -> None:
        """Submit what a check of a host found: 0 UP, 1 DOWN."""
        self.command(f"PROCESS_HOST_CHECK_RESULT;{host};{state};{output}")

    def command(self, command: str) -> None:
        """Write a line to its command file."""
        with open(self._commands, "w", encoding="utf-8") as commands:
            commands.write(f"[{int(time.time())}] {command}\n")

    def log(self) -> str:
        path = self.directory / "nagios.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""
