# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Install the Debian packages that tests run against: those of bindep.txt with the profile `test`.

Tests whose peer is missing skip themselves and say so; this only helps where it may.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from environment import REPORTS, ROOT

# Debian asks it whether a package that is installed may start its service (invoke-rc.d(8)); 101 is no.
POLICY = Path("/usr/sbin/policy-rc.d")


def wanted() -> list[str]:
    """Return the packages that bindep.txt names for tests on Debian."""
    lines = (ROOT / "bindep.txt").read_text(encoding="utf-8").splitlines()
    entries = (re.fullmatch(r"([a-z0-9.+-]+) \[platform:dpkg test\]", line.split("#")[0].strip()) for line in lines)
    return [entry[1] for entry in entries if entry]


def is_installed(package: str) -> bool:
    """Say whether dpkg has a package installed."""
    query = subprocess.run(["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package], capture_output=True, text=True, check=False)
    return query.stdout == "installed"


@contextlib.contextmanager
def services_not_started() -> Iterator[None]:
    """Keep packages from starting their services: tests start their own, on other ports and with other files."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def install() -> None:
    """Install what is missing as root on Debian, and say what stays missing."""
    if not shutil.which("dpkg-query"):
        return
    missing = [package for package in wanted() if not is_installed(package)]
    if missing and os.geteuid() == 0:
        print(f"installing {', '.join(missing)}", flush=True)
        with open(REPORTS / "peers.log", "wb") as log, services_not_started():
            for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *missing]):
                env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False)
        missing = [package for package in missing if not is_installed(package)]
    if missing:
        print(f"not installed, so tests that need them are skipped: {', '.join(missing)}", flush=True)
