# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be done on a host: everything that NetBox or the user asks for, checked against what the user allows, or every mistake in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .documented import Documented, described
from .path import value_at
from .public_keys import NotAKey, public_keys
from .role_names import allowed_roles
from .role_variables import allowed_variables, prefixes_of

BASELINE, ROLES = "baseline", "roles"
STEPS = (BASELINE, ROLES)
CONTEXT = "config_context"


class NotAllowed(Exception):
    """Nothing may be done on a host; the message has every reason."""


@dataclass(frozen=True)
class Rules:
    """What the user has decided.

    :param roles_key: the key in the config context with the names of roles.
    :param variables_key: the key in the config context with variables for them.
    :param roles: the only roles that may be asked for.
    :param variables: the only variables that may be set, and patterns of them; None: those that the roles have by custom.
    :param on_update: which steps the change of a field asks for.
    :param host_key_field: the path in the object of the host's public key.
    """

    roles_key: str = "ansible_roles"
    variables_key: str = "ansible_vars"
    roles: tuple[str, ...] = ()
    variables: tuple[str, ...] | None = None
    on_update: Mapping[str, Sequence[str]] = field(default_factory=dict)
    host_key_field: str = "custom_fields.ssh_host_key"


@dataclass(frozen=True)
class Work:
    """What is done: which steps, which roles with which variables, and the keys that the host has by its documentation."""

    steps: tuple[str, ...]
    roles: tuple[str, ...]
    variables: Mapping[str, Any]
    host_keys: tuple[str, ...]
    changed: tuple[str, ...] | None


def work_for(documented: Documented, rules: Rules, *, roles: object = None, needs_host_key: bool) -> Work:
    """Find what is to be done.

    :param roles: what the user asks for by hand, in place of what NetBox does; None: nothing.
    :param needs_host_key: whether it is a mistake when NetBox has no key of the host.
    Raises NotAllowed.
    """
    steps = _steps(documented.changed, rules.on_update)
    context, mistakes = _context(documented.thing, is_needed=roles is None)
    where = f"{CONTEXT}.{rules.roles_key}" if roles is None else "onboard_vm_roles"
    names, wrong_names = allowed_roles(context.get(rules.roles_key, []) if roles is None else roles, rules.roles, where)
    patterns = prefixes_of(rules.roles) if rules.variables is None else rules.variables
    variables, wrong_variables = allowed_variables(context.get(rules.variables_key, {}), patterns, f"{CONTEXT}.{rules.variables_key}")
    keys: tuple[str, ...] = ()
    try:
        if needs_host_key:
            keys = public_keys(value_at(rules.host_key_field, documented.thing) or "", rules.host_key_field)
    except NotAKey as error:
        mistakes.append(str(error))
    mistakes += wrong_names + wrong_variables
    if mistakes:
        raise NotAllowed(". ".join(mistakes))
    return Work(steps, names if ROLES in steps else (), variables, keys, documented.changed)


def _steps(changed: Sequence[str] | None, on_update: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the steps that the changed fields ask for; all of them where it was no update."""
    if changed is None:
        return STEPS
    asked = [step for field_name in changed for step in on_update.get(field_name, ())]
    return tuple(step for step in STEPS if step in asked)


def _context(thing: Mapping[str, Any], *, is_needed: bool) -> tuple[Mapping[str, Any], list[str]]:
    context = thing.get(CONTEXT)
    if isinstance(context, (list, tuple)) and len(context) == 1:  # as netbox.netbox.nb_inventory has it
        context = context[0]
    if isinstance(context, Mapping):
        return context, []
    if not is_needed and context is None:
        return {}, []
    advice = "let the source eventops.infra.netbox include it, or name the roles in onboard_vm_roles"
    return {}, [f"{CONTEXT}: must be a mapping, got {described(context)}; {advice}"]
