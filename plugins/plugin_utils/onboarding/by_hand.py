# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host's variables say about it, where no event of NetBox does: those of netbox.netbox.nb_inventory, or of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .documented import Documented
from .work import CONTEXT, Rules


def documented_by(variables: Mapping[str, Any], rules: Rules) -> Documented:
    """Read the variables of a host as if they were its object in NetBox.

    nb_inventory has the fields of an object as variables of the same names, and the keys of a config context, too, when it is told to flatten them.
    """
    fields = (CONTEXT, rules.host_key_field.partition(".")[0])
    thing = {name: variables[name] for name in fields if name in variables}
    flattened = {name: variables[name] for name in (rules.roles_key, rules.variables_key) if name in variables}
    return Documented({CONTEXT: flattened, **thing})
