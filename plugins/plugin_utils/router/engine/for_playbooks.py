# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the router puts beside its store and into its environment, for the playbooks that ansible-rulebook starts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import directory_of

STORE = "EVENTOPS_STORE"
GENERATION = "EVENTOPS_GENERATION"  # tells the playbooks of this life of the router from those of an earlier one
_CALLBACK_PATH = "ANSIBLE_CALLBACK_PLUGINS"
_COLLECTIONS_PATH = "ANSIBLE_COLLECTIONS_PATH"
_CALLBACKS = Path(__file__).absolute().parents[3] / "callback"


def announce(store: Path, generation: str) -> None:
    """Set the variables by which every playbook finds the callback, the store and its collections, keeping the paths that are there."""
    paths = [str(_CALLBACKS), *filter(None, os.environ.get(_CALLBACK_PATH, "").split(os.pathsep))]
    os.environ[_CALLBACK_PATH] = os.pathsep.join(dict.fromkeys(paths))
    # A playbook runs in a directory of its own: by a relative path it finds no collection.
    if collections := os.environ.get(_COLLECTIONS_PATH):
        os.environ[_COLLECTIONS_PATH] = os.pathsep.join(os.path.abspath(os.path.expanduser(path)) for path in collections.split(os.pathsep) if path)
    os.environ[STORE] = str(store)
    os.environ[GENERATION] = generation


class InventoryOfCases:
    """The file that the inventory plugin `eventops.infra.cases` reads: the hosts of open cases."""

    def __init__(self, store: Path) -> None:
        self._path = directory_of(store) / "inventory.json"
        self._written: frozenset[str] | None = None

    def write(self, hosts: Iterable[str]) -> None:
        """Write the hosts down, where they changed; a reader sees the old file or the new one, never half of one.

        It is written on the event loop's thread, the one that run_playbook copies its playbook's folder on, so that no
        file comes or goes during a copy when the store lies in that folder.
        """
        wanted = frozenset(hosts)
        if wanted == self._written:
            return
        temporary = self._path.with_suffix(".tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"hosts": {host: {} for host in sorted(wanted)}}, file)
        temporary.rename(self._path)
        self._written = wanted
