# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An operator's site: an inventory of hosts that are all this machine, and the real ansible-playbook over it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

_LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
_RECAP = re.compile(r"^(\S+)\s+: (ok=.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What a run of ansible-playbook came to; `recap` has the counts of each host."""

    rc: int
    output: str
    recap: Mapping[str, Mapping[str, int]]

    @property
    def text(self) -> str:
        """The output with its lines and quotes as people read them."""
        return " ".join(self.output.replace("\\n", " ").replace('\\"', '"').split())

    def of(self, count: str) -> dict[str, int]:
        """Return one count of every host, such as changed."""
        return {host: counts[count] for host, counts in self.recap.items()}


class Site:
    """A directory with an inventory and playbooks.

    Args:
        directory: gets the inventory and the playbooks.
        env: the environment of ansible-playbook.
        seconds: how long a run may take.
    """

    def __init__(self, directory: Path, env: Mapping[str, str], seconds: float = 300) -> None:
        self.directory = directory
        self.env = dict(env)
        self.seconds = seconds
        directory.mkdir(parents=True)

    def inventory(self, hosts: Mapping[str, Mapping], groups: Mapping[str, Sequence[str]] | None = None) -> None:
        """Write the inventory; every host is reached without a network unless its variables say otherwise."""
        everything = {
            "all": {
                "hosts": {name: _LOCAL | dict(of_host) for name, of_host in hosts.items()},
                "children": {name: {"hosts": dict.fromkeys(members)} for name, members in (groups or {}).items()},
            }
        }
        self.write("inventory/hosts.yml", yaml.safe_dump(everything, sort_keys=False))

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        """Write a file of the site and return its path."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def play(self, playbook: str | Path, *options: str, limit: str | None = None, variables: Mapping | None = None, **env: str) -> Run:
        """Run a playbook, by its path or by its name in the collection.

        Args:
            options: further options of ansible-playbook.
            limit: what --limit gets.
            variables: extra variables; types are kept, as ansible-rulebook keeps them.
            env: further environment variables.
        """
        extra = self.write("extravars.json", json.dumps(dict(variables or {})))
        command = ["ansible-playbook", "--inventory", "inventory", "--extra-vars", f"@{extra}", *options, str(playbook)]
        if limit is not None:
            command += ["--limit", limit]
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=self.seconds,
            check=False,
        )
        recap = {host: {count: int(number) for count, number in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in _RECAP.findall(done.stdout)}
        return Run(done.returncode, done.stdout, recap)
