# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which roles NetBox asks for: names that are exactly on the user's list, or a mistake for each that is not."""

from __future__ import annotations

from collections.abc import Sequence

from .documented import described

# A host that needs more is a mistake of whoever writes the config context, and each is a role of its own to run.
MAX_ROLES = 100
_SHOWN = 10


def allowed_roles(given: object, allowed: Sequence[str], where: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the roles that are asked for, each once, in their order, and all mistakes.

    :param given: what NetBox has.
    :param allowed: the only names that may be asked for; a name is compared as it is and never evaluated.
    :param where: the place of `given`, for messages.
    """
    if not isinstance(given, (list, tuple)):
        return (), [f"{where}: must be a list of names of roles, got {described(given)}"]
    if len(given) > MAX_ROLES:
        return (), [f"{where}: must have at most {MAX_ROLES} names of roles, got {len(given)}"]
    mistakes = [f"{where}[{number}]: must be the name of a role, got {described(name)}" for number, name in enumerate(given) if not isinstance(name, str)]
    names = tuple(dict.fromkeys(name for name in given if isinstance(name, str)))
    unlisted = [name for name in names if name not in allowed]
    if unlisted:
        shown = ", ".join(described(name).removeprefix("the text ") for name in unlisted[:_SHOWN])
        mistakes.append(
            f"{where}: {shown}{' and others' if len(unlisted) > _SHOWN else ''} may not be run. onboard_vm_allowed_roles allows "
            f"{', '.join(allowed) if allowed else 'no role'}; add the name there if the role is meant"
        )
    return names, mistakes
