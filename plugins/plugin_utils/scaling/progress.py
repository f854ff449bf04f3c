# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a group has become what it was set to, and which instances came or went."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Measured


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    Attributes:
        arrived: as many instances as were asked for are in service and healthy, and nobody has asked for another number since.
        came, went: names of instances that are in service now and were not, and the other way round.
        missing: what is not as it should be; empty when it has arrived.
    """

    arrived: bool
    came: tuple[str, ...]
    went: tuple[str, ...]
    missing: str


def progress(before: Measured, now: Measured, to: int) -> Progress:
    """Compare a group with what it was before, and with the number that it was set to."""
    came = tuple(name for name in now.in_service if name not in before.in_service)
    went = tuple(name for name in before.in_service if name not in now.in_service)
    if now.desired != to:
        missing = f"somebody else has set it to {now.desired} instances meanwhile"
    elif now.serving != to:
        missing = f"{now.serving} instances are in service and healthy, and {to} were expected"
    else:
        missing = ""
    if missing and now.trouble:
        missing += f"; it says: {now.trouble}"
    return Progress(not missing, came, went, missing)
