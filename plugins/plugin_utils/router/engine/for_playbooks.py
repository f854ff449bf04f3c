# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the router puts beside its store and into its environment, for the playbooks that ansible-rulebook starts."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import directory_of

logger = logging.getLogger(__name__)

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
    """The file that the inventory plugin `eventops.infra.cases` reads: the hosts of open cases, and how those are reached that a source declares.

    Two machines may have the same name in two cases. What is held for a dispatch in flight stands, whatever other cases say: its playbooks read the
    file when they begin, and some read it again.
    """

    def __init__(self, store: Path) -> None:
        self._path = directory_of(store) / "inventory.json"
        self._written: dict[str, dict] | None = None
        self._expected: dict[str, Mapping[str, Mapping]] = {}  # by dispatch: of each host
        self._held: dict[str, Mapping[str, Mapping]] = {}  # of those that act now

    def expect(self, uuid: str, connections: Mapping[str, Mapping]) -> None:
        """Take the variables by which the hosts of a dispatch are to be reached, for when it acts."""
        self._expected[uuid] = connections

    def forget(self, uuid: str) -> None:
        """Forget a dispatch that is over."""
        self._expected.pop(uuid, None)
        self._held.pop(uuid, None)

    def release(self, uuid: str) -> None:
        """Let other cases say how the hosts of a dispatch are reached, because it does not act now."""
        self._held.pop(uuid, None)

    def is_ready_for(self, uuids: Sequence[str], hosts: Mapping[str, Mapping], own: Container[str]) -> bool:
        """Write the file for dispatches that are about to act together; tell whether their playbooks may read it.

        Where it cannot be written, it may lead to another machine of the same name; where nothing was declared, it matters to nobody.
        """
        expected = [self._expected.get(uuid, {}) for uuid in uuids]
        if not _agree(expected):
            logger.error("one rule took dispatches for two machines of the same name, and has to wait until one of them is over: %s", ", ".join(uuids))
            return False
        self._held.update((uuid, self._expected[uuid]) for uuid in uuids if uuid in self._expected)
        try:
            self._write(hosts, own)
        except OSError as error:
            logger.error("the inventory of cases %s cannot be brought up to date: %s", self._path, error)
            return not any(expected)
        return True

    def _write(self, hosts: Mapping[str, Mapping], own: Container[str]) -> None:
        """Write the hosts down, where they changed; a reader sees the old file or the new one, never half of one. Raises OSError.

        It is written on the event loop's thread, the one that run_playbook copies its playbook's folder on, so that no
        file comes or goes during a copy when the store lies in that folder.

        :param hosts: the hosts of open cases, with the variables by which they are reached.
        :param own: the hosts of the user's own inventory, for which none are written.
        """
        held = {host: variables for connections in self._held.values() for host, variables in connections.items()}
        # The plugin has a localhost of its own, which is no machine of a case.
        wanted = {host: {} if host in own else dict(variables) for host, variables in {**hosts, **held}.items() if host != "localhost"}
        if wanted == self._written:
            return
        temporary = self._path.with_suffix(".tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"hosts": wanted}, file, sort_keys=True)
        temporary.rename(self._path)
        self._written = wanted


def _agree(declared: Sequence[Mapping[str, Mapping]]) -> bool:
    """Tell whether none says of a host what another says differently."""
    said: dict[str, Mapping] = {}
    return all(said.setdefault(host, variables) == variables for each in declared for host, variables in each.items())
