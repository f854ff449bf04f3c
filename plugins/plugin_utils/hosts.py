# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Host resolution: which names of an event are hosts of the inventory, exactly.

The inventory is what Ansible's own loader (`ansible-inventory`) makes of the path; it runs as a program of its own, so a slow
dynamic inventory stops neither the engine nor the senders. Nothing is guessed: a name is a host's name or its `ansible_host`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import math
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

logger = logging.getLogger(__name__)

# SECURITY.md, event data 2. A `--limit` is a pattern language: what is not plainly a name never reaches it.
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_NEVER = frozenset({"all", "ungrouped"})

# Tells the inventory plugin eventops.infra.cases, which names it, to leave the hosts of open cases out.
RESOLVING = "EVENTOPS_RESOLVING"

# A dynamic inventory can change without a file changing: a name that is not known is looked up again when the
# snapshot is older than this.
_STALE_SECONDS = 60.0

# How long events and dispatches, all together, wait for a reload before they go on with what was known; it goes on meanwhile.
_PATIENCE_SECONDS = 10.0
# Users report 7 minutes for 31,000 virtual machines.
_LONGEST_SECONDS = 1800.0


class InventoryError(Exception):
    """The inventory cannot be loaded; the message says which and what Ansible said."""


@dataclass(frozen=True)
class Snapshot:
    """The inventory as it was loaded: `hostvars` by host, `addresses` from `ansible_host` to its only host."""

    hostvars: Mapping[str, Mapping] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict)
    _by_variable: dict[str, Mapping[str, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def resolve(self, name: str) -> str | None:
        """Return the host that a name or an address stands for, or None."""
        if is_host_name(name) and name in self.hostvars and name not in self.groups:
            return name
        host = self.addresses.get(_normal_address(name))
        return host if host is not None and is_host_name(host) and host not in self.groups else None

    def host_with(self, variable: str, value: str) -> str | None:
        """Return the only host whose variable has this value, as text, or None."""
        hosts = self._by_variable.get(variable)
        if hosts is None:
            hosts = self._by_variable[variable] = _only_hosts((host, variables.get(variable)) for host, variables in self.hostvars.items())
        host = hosts.get(value)
        return host and self.resolve(host)

    def resolve_all(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Resolve names to hosts, each once, in their order; unknown ones are left out."""
        return tuple(dict.fromkeys(host for host in map(self.resolve, names) if host is not None))


def is_host_name(name: str) -> bool:
    """Tell whether a string can be a host's name and nothing else in `--limit`."""
    return _NAME.fullmatch(name) is not None and name not in _NEVER


def snapshot_of(listing: Mapping) -> Snapshot:
    """Read what `ansible-inventory --list` prints: {"_meta": {"hostvars": {}}, group: {"hosts": [], "children": []}}."""
    hostvars = dict(listing.get("_meta", {}).get("hostvars", {}))
    groups = frozenset(name for name in listing if name != "_meta")
    for group in groups:
        for host in listing[group].get("hosts", ()):
            hostvars.setdefault(host, {})
    addresses = ((host, variables.get("ansible_host")) for host, variables in hostvars.items())
    return Snapshot(hostvars, groups, _only_hosts((host, _normal_address(address)) for host, address in addresses if isinstance(address, str)))


def _only_hosts(values: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return the host of each value, as text; a value that two hosts share tells nothing about which is meant."""
    owners: dict[str, set[str]] = {}
    for host, value in values:
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            owners.setdefault(str(value), set()).add(host)
    return {value: next(iter(hosts)) for value, hosts in owners.items() if len(hosts) == 1}


class Inventory:
    """The user's inventory, reloaded when it changes. `path` None: no inventory, so no host is known."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.snapshot = Snapshot()
        self._signature: object = None  # of the files when they were last tried
        self._tried_at = 0.0
        self._loading: asyncio.Task | None = None
        self._patient_until = 0.0

    async def load(self) -> Snapshot:
        """Load the inventory now; whoever asks for it meanwhile waits for that. Raises InventoryError."""
        if self.path is not None:
            loading = asyncio.create_task(self._load(), name="eventops inventory")
            self._loading, self._patient_until = loading, math.inf
            try:
                await loading
            finally:
                if self._loading is loading:
                    self._loading = None
        return self.snapshot

    async def fresh(self, *, unknown_name: bool = False) -> Snapshot:
        """Return the inventory, loaded again when its files changed or, for an unknown name, when it may be stale.

        When it cannot be loaded, or that takes long, the last one that could is used, and the log says why.
        """
        if self.path is None:
            return self.snapshot
        if self._loading is None and self.is_old(unknown_name):
            self._loading = asyncio.create_task(self._reload(), name="eventops inventory")
            self._patient_until = time.monotonic() + _PATIENCE_SECONDS
        if self._loading is not None and (patience := self._patient_until - time.monotonic()) > 0:
            await asyncio.wait({self._loading}, timeout=None if patience == math.inf else patience)
        return self.snapshot

    async def hostvars(self) -> Mapping[str, Mapping]:
        """Return each host's variables as the inventory states them (templates are not rendered)."""
        return (await self.fresh()).hostvars

    def is_old(self, unknown_name: bool = False) -> bool:
        """Tell whether it is to be loaded again: its files changed or, for an unknown name, it may be stale."""
        stale = unknown_name and time.monotonic() - self._tried_at > _STALE_SECONDS
        return stale or _signature(self.path) != self._signature

    async def _reload(self) -> None:
        try:
            await self._load()
        except InventoryError as error:
            logger.error("%s; the hosts known before stay known until it loads again", error)
        except Exception:  # what a dynamic inventory printed may be anything
            logger.exception("the inventory %s cannot be loaded; the hosts known before stay known until it loads again", self.path)
        finally:
            self._loading = None

    async def _load(self) -> None:
        self._signature, self._tried_at = _signature(self.path), time.monotonic()
        self.snapshot = snapshot_of(await _list(self.path))


async def _list(path: Path) -> Mapping:
    environment = {
        **os.environ,
        RESOLVING: "1",
        # Ansible only warns of a source that it cannot parse; to us it would look as if those hosts were gone.
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
    }
    # The Ansible that runs the playbooks is the one on the PATH.
    found = shutil.which("ansible-inventory")
    process = await asyncio.create_subprocess_exec(
        *([found] if found else [sys.executable, "-m", "ansible.cli.inventory"]),
        *("-i", str(path), "--list"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        start_new_session=True,  # a dynamic inventory's own programs end with it
    )
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            output, errors = await process.communicate()
    except TimeoutError:
        raise InventoryError(f"the inventory {path} cannot be loaded: it took more than {_LONGEST_SECONDS:.0f} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        said = errors.decode(errors="replace").strip()[-2000:]
        raise InventoryError(f"the inventory {path} cannot be loaded: {said}")
    return json.loads(output, object_hook=_as_plain)


def _as_plain(value: dict) -> object:
    """Take off the mark that Ansible writes around text which is no template; we evaluate none."""
    return value["__ansible_unsafe"] if value.keys() == {"__ansible_unsafe"} else value


def _signature(path: Path) -> object:
    """Describe the state of the files that an inventory is made of, cheaply: names, times and sizes."""
    paths = [path]
    if path.is_dir():
        paths += sorted(Path(folder, name) for folder, _folders, names in os.walk(path) for name in names)
    found = []
    for each in paths:
        try:
            status = each.stat()
        except OSError:  # it is gone, or cannot be reached now, which Ansible says better
            continue
        found.append((str(each), status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)


def _normal_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return text
