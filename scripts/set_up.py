# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make the virtual environment that everything else runs in, or bring it up to date: set_up.py demo|dev.

Runs on any Python 3.11 or newer and needs nothing else. What is there is used again: a stamp in the virtual
environment says which requirements it was made for, and where it lay, because a moved one does not start.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import venv
from pathlib import Path

import collection
import peer_collections
from environment import PYTHON, ROOT, VENV

OLDEST_PYTHON = (3, 11)


def main() -> int:
    """Set up for the purpose named on the command line."""
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    requirements = ROOT / f"requirements-{purpose}.txt"
    if not requirements.is_file():
        print("usage: set_up.py demo|dev", file=sys.stderr)
        return 2
    started = time.monotonic()
    make_virtual_environment()
    installed = install(requirements)
    if purpose == "dev":
        installed |= peer_collections.fetch()
    collection.link_checkout()
    if installed:
        say(f"set up in {time.monotonic() - started:.0f} s")
    return 0


def make_virtual_environment() -> None:
    """Create .venv, or create it anew when it is broken, was moved here or is too old."""
    if not is_usable():
        say(f"creating {VENV.name} with Python {sys.version.split()[0]}")
        if VENV.is_symlink():
            VENV.unlink()  # what it leads to is somebody else's, and would be cleared
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)


def is_usable() -> bool:
    """Say whether the virtual environment's scripts run on its own Python, and that is new enough.

    Scripts name their Python by its whole path: in a copied or moved environment they start the one that is there, or nothing.
    """
    script = VENV / "bin" / "pip"
    if not script.exists():
        return False
    # "pip 23.2.1 from /checkout/.venv/lib/python3.11/site-packages/pip (python 3.11)"
    ran = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    if ran.returncode != 0 or str(VENV) not in ran.stdout:
        return False
    code = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    return subprocess.run([PYTHON, "-c", code], check=False).returncode == 0


def install(requirements: Path) -> bool:
    """Install a requirements file unless its stamp says that it is; return whether pip ran."""
    stamp = VENV / f"{requirements.stem}.stamp"
    wanted = fingerprint(requirements)
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return False
    say(f"installing {requirements.name} (the first time takes a minute or two)")
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", requirements]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Installing ")):
                say("  " + line.split(" (from ")[0].strip()[:100])
    if pip.returncode != 0:
        sys.exit("".join(lines[-40:]) + f"\npip could not install {requirements.name}: see above. It needs a package index, by default the one at pypi.org.")
    stamp.write_text(wanted, encoding="ascii")
    return True


def fingerprint(requirements: Path) -> str:
    """Return a hash over a requirements file and all that it includes."""
    digest = hashlib.sha256()
    for line in requirements.read_text(encoding="utf-8").splitlines():
        digest.update(line.encode())
        if line.startswith("-r "):
            digest.update(fingerprint(requirements.parent / line.removeprefix("-r ").strip()).encode())
    return digest.hexdigest()


def say(line: str) -> None:
    """Show progress at once, also where the output is a pipe."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
