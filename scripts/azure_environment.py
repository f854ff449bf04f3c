# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make the virtual environment whose Python runs the modules for Azure in tests, or take the one that is there.

The tests that need it call `ready`, so that it is only made where they run. requirements-azure.txt says why it is not .venv.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import venv
from pathlib import Path

from environment import BUILD, PYTHON, ROOT
from set_up import fingerprint

REQUIREMENTS = ROOT / "requirements-azure.txt"
AZURE = BUILD / "azure"


class NotAvailable(Exception):
    """It could not be made; the text has the end of what pip said."""


def ready() -> Path:
    """Return the Python of the virtual environment. The first time it takes half a minute.

    Raises:
        NotAvailable: the packages could not be fetched.
    """
    AZURE.mkdir(parents=True, exist_ok=True)
    with (AZURE / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs of tests at once would install into each other's way
        return _made()


def _made() -> Path:
    directory, stamp = AZURE / "venv", AZURE / "stamp"
    wanted = f"{directory}\n{fingerprint(REQUIREMENTS)}"  # a moved one does not start
    python = directory / "bin" / "python"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    venv.create(directory, clear=True, with_pip=False, symlinks=True)
    # Not compiled: most of it is never imported, and that would take another 45 s.
    how = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet", "--no-compile", "--only-binary", ":all:"]
    command = [PYTHON, "-m", "pip", "--python", python, "install", *how, "-r", REQUIREMENTS]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise NotAvailable(f"pip could not install {REQUIREMENTS.name}: {ran.stderr.strip()[-500:]}")
    stamp.write_text(wanted, encoding="utf-8")
    return python


if __name__ == "__main__":
    try:
        print(ready())
    except NotAvailable as error:
        sys.exit(str(error))
