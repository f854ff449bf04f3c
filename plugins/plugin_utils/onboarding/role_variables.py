# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which variables NetBox may set for roles: those whose names are on the user's list, and none that Ansible or this collection goes by."""

from __future__ import annotations

import fnmatch
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .documented import described

MAX_VARIABLES = 1000
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_SHOWN = 10

# Whatever the user's list says: connection and privileges, what Ansible itself sets, and what decides in this collection.
_NEVER_BEGINNINGS = ("ansible_", "inventory_", "become", "delegate", "eventops_", "guard_", "onboard_vm_", "__")
_NEVER = frozenset(
    ("ansible", "connection", "environment", "group_names", "groups", "hosts", "hostvars", "item", "omit", "play_hosts", "playbook_dir", "port")
    + ("remote_user", "role_name", "role_names", "role_path", "roles", "tags", "tasks", "vars", "vars_files", "when", "lookup", "query", "q", "now", "undef")
)


def prefixes_of(roles: Sequence[str]) -> tuple[str, ...]:
    """Return the patterns of the variables that roles have by custom: `nginx_*` for `acme.web.nginx`."""
    names = (re.sub(r"[^A-Za-z0-9_]", "_", role.rstrip("/").replace("/", ".").rpartition(".")[2]).lower() for role in roles)
    return tuple(dict.fromkeys(f"{name}_*" for name in names if name.strip("_")))


def allowed_variables(given: object, allowed: Sequence[str], where: str) -> tuple[dict[str, Any], list[str]]:
    """Return the variables, and all mistakes.

    :param given: what NetBox has.
    :param allowed: the only names that may be set, and patterns of them.
    :param where: the place of `given`, for messages.
    """
    if not isinstance(given, Mapping):
        return {}, [f"{where}: must be a mapping of variables, got {described(given)}"]
    if len(given) > MAX_VARIABLES:
        return {}, [f"{where}: must have at most {MAX_VARIABLES} variables, got {len(given)}"]
    wrong = [name for name in given if not _is_a_name(name)]
    forbidden = [name for name in given if _is_a_name(name) and _is_never(name)]
    unlisted = [name for name in given if _is_a_name(name) and not _is_never(name) and not any(fnmatch.fnmatchcase(name, each) for each in allowed)]
    mistakes = []
    if wrong:
        mistakes.append(f"{where}: {_shown(wrong)} must be a name of lowercase letters, digits and underscores that begins with no digit")
    if forbidden:
        mistakes.append(f"{where}: {_shown(forbidden)} may never come from NetBox: Ansible or this collection goes by it")
    if unlisted:
        mistakes.append(
            f"{where}: {_shown(unlisted)} may not be set. Allowed is {', '.join(allowed) if allowed else 'no variable'}; "
            "add the name or a pattern to onboard_vm_allowed_variables if it is meant"
        )
    return dict(given), mistakes


def _is_a_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and not keyword.iskeyword(name)


def _is_never(name: str) -> bool:
    return name in _NEVER or name.startswith(_NEVER_BEGINNINGS)


def _shown(names: Sequence[object]) -> str:
    return ", ".join(described(name).removeprefix("the text ") for name in names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
