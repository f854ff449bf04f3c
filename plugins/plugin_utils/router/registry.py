# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router that runs in this process, for those who cannot be handed it: the event filter `eventops.infra.intake`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake

_running: list[Intake] = []


class AnotherRouter(Exception):
    """A process has one router: its playbooks find the store by one variable."""


@contextmanager
def registered(intake: Intake) -> Iterator[None]:
    """Make an intake the process's own while the router runs. Raises AnotherRouter."""
    if _running:
        raise AnotherRouter("another eventops.infra.router runs in this ansible-rulebook: use one for all rulesets, or a process for each")
    _running.append(intake)
    try:
        yield
    finally:
        _running.remove(intake)


def running_intake() -> Intake | None:
    """Return the intake of the router that runs in this process, if one does."""
    return _running[0] if _running else None
