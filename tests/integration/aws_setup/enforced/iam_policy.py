# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether policies of IAM allow a request, as far as the pages of this collection use them.

IAM User Guide, "Policy evaluation logic": what no statement allows is denied. There is no Deny in a policy for a part, so none is understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """What is asked of IAM for one call.

    Attributes:
        action: such as sqs:SendMessage.
        resource: the ARN of what it is done to; * where AWS knows none for the action.
        context: the values by condition key.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


def granting(policies: Sequence[Mapping], request: Request) -> list[tuple[str, str]]:
    """Return the statements that allow a request, each as its Sid and the action in it."""
    return [
        (statement["Sid"], action)
        for policy in policies
        for statement in policy["Statement"]
        for action in as_list(statement["Action"])
        if _fits(action, request.action)
        and any(_fits(resource, request.resource) for resource in as_list(statement["Resource"]))
        and all(_is_met(operator, keys, request) for operator, keys in statement.get("Condition", {}).items())
    ]


def as_list(value: object) -> list:
    """Return a value that may stand alone as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) is not None


def _is_met(operator: str, keys: Mapping[str, object], request: Request) -> bool:
    return all(_OPERATORS[operator](list(request.context.get(key, [])), as_list(wanted)) for key, wanted in keys.items())


_OPERATORS: Mapping[str, Callable[[list, list], bool]] = {
    "StringEquals": lambda has, wanted: bool(has) and all(value in wanted for value in has),
    "ArnEquals": lambda has, wanted: bool(has) and all(any(_fits(each, value) for each in wanted) for value in has),
    "ForAllValues:StringEquals": lambda has, wanted: all(value in wanted for value in has),
    "ForAllValues:ArnEquals": lambda has, wanted: all(any(_fits(each, value) for each in wanted) for value in has),
    "Null": lambda has, wanted: (not has) == (str(wanted[0]).lower() == "true"),
}
