# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A copy of the collection that ansible-test can be run on.

ansible-test wants the collection at `.../ansible_collections/eventops/infra`, and silently skips everything that git
ignores, so the copy lies outside the checkout. It is unpacked from the built archive: what is checked is what is shipped.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path

import ansible_test
import collection
from environment import BUILD, ROOT, environment

# Its virtual environments, for the next time. ansible-test passes nothing on to pip but HOME, so pip's settings go there too.
HOME = BUILD / "ansible-test"

# Stands in for the get-pip.py that ansible-test would download, with the pip that Python brings.
BOOTSTRAP_PIP = "import ensurepip\n\nensurepip.bootstrap()\n"


@contextmanager
def staged_copy() -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield the copy's directory and the environment to run ansible-test in; remove the copy afterwards."""
    with tempfile.TemporaryDirectory(prefix="eventops-", ignore_cleanup_errors=True) as temporary:
        env = environment(collections=Path(temporary), state=Path(temporary) / "ansible") | {"HOME": str(HOME)}
        archive = collection.build(Path(temporary) / "built", env)
        copy = Path(temporary) / "ansible_collections" / "eventops" / "infra"
        shutil.unpack_archive(archive, copy)
        for manifest in ("MANIFEST.json", "FILES.json"):
            (copy / manifest).unlink()
        shutil.copy(ROOT / "galaxy.yml", copy)
        keep_get_pip_ready()
        with pip_settings(os.environ):
            yield copy, env


def keep_get_pip_ready() -> None:
    """Put the bootstrap where ansible-test caches the one that it downloads, under the name that this version looks for."""
    source = Path(ansible_test.__path__[0]) / "_internal" / "python_requirements.py"
    for version in re.findall(r"\bpip='([\d.]+)'", source.read_text(encoding="utf-8")):
        cached = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_text(BOOTSTRAP_PIP, encoding="ascii")


@contextmanager
def pip_settings(user: Mapping[str, str]) -> Iterator[None]:
    """Give ansible-test's pip the user's settings: their file by a link, and while it runs a copy of those in the environment.

    pip reads ~/.pip/pip.conf first and ~/.config/pip/pip.conf over it, as it does a file and the environment.
    """
    from_file, from_environment = HOME / ".pip" / "pip.conf", HOME / ".config" / "pip" / "pip.conf"
    from_file.unlink(missing_ok=True)
    for path in (from_file, from_environment):
        path.parent.mkdir(parents=True, exist_ok=True)
    home = Path(user.get("HOME", "/"))
    config_home = Path(user.get("XDG_CONFIG_HOME") or home / ".config")
    for candidate in (user.get("PIP_CONFIG_FILE"), config_home / "pip" / "pip.conf", home / ".pip" / "pip.conf"):
        if candidate and Path(candidate).is_file():
            from_file.symlink_to(Path(candidate).absolute())
            break
    settings = RawConfigParser()
    settings["global"] = {"quiet": "2"} | {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in user.items()
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"
    }
    try:
        with open(from_environment, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            settings.write(file)
        yield
    finally:
        from_environment.unlink(missing_ok=True)
