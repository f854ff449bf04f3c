# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the collection from this checkout, install it, or link it; all without a Galaxy server.

    collection.py build              the archive, in .build
    collection.py install            for this user, where their Ansible looks
    collection.py install DIRECTORY
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKOUT_COLLECTIONS = ROOT / ".build" / "dev"  # this checkout as if it were installed: a symlink


def build(directory: Path, env: Mapping[str, str]) -> Path:
    """Build the collection into an empty or missing directory and return the archive's path.

    Args:
        directory: where the archive goes.
        env: the environment of ansible-galaxy, with it on the PATH.
    """
    _galaxy(env, "build", "--force", "--output-path", directory, ROOT)
    (archive,) = directory.glob("eventops-infra-*.tar.gz")
    return archive


def install(archive: Path, collections: Path | None, env: Mapping[str, str]) -> None:
    """Install a built archive.

    Args:
        archive: what `build` returned.
        collections: the directory that gets `ansible_collections/eventops/infra`; None is Ansible's own choice.
        env: the environment of ansible-galaxy, with it on the PATH.
    """
    where = [] if collections is None else ["--collections-path", collections]
    _galaxy(env, "install", "--offline", "--no-deps", "--force", *where, archive)


def link_checkout() -> Path:
    """Make the checkout importable as `ansible_collections.eventops.infra` and return the directory to put on sys.path."""
    link = CHECKOUT_COLLECTIONS / "ansible_collections" / "eventops" / "infra"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.readlink() != ROOT:
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT)
    return CHECKOUT_COLLECTIONS


def _galaxy(env: Mapping[str, str], *arguments: str | Path) -> None:
    subprocess.run(["ansible-galaxy", "collection", *arguments], check=True, env=env, stdout=subprocess.DEVNULL)


def main(command: str, collections: str | None = None) -> None:
    """Carry out the command line and say where the result is."""
    from environment import BUILD, VENV, environment

    archive = build(BUILD, environment())
    print(f"built {archive.relative_to(ROOT)}", flush=True)
    if command == "install" and collections is None:
        of_the_user = os.environ | {"PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])}
        install(archive, None, of_the_user)
        print("installed for this user: see `ansible-galaxy collection list eventops.infra`", flush=True)
    elif command == "install":
        target = Path(collections).absolute()
        install(archive, target, environment(collections=target))
        print(f"installed in {collections}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] not in (["build"], ["install"]) or len(sys.argv) > 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"ansible-galaxy collection {error.cmd[2]} failed: see above")
