# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies of resources, compared by what they say: AWS returns them with another order, and one value where a list of one was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping


def comparable(document: object) -> object:
    """Return a policy, or a part of one, in a form that is equal where the meaning is.

    Args:
        document: the policy as a mapping, or as its JSON text; None and an empty text are no policy.
    """
    if isinstance(document, str):
        document = json.loads(document) if document.strip() else {}
    return _comparable(document or {})


def _comparable(part: object) -> object:
    if isinstance(part, Mapping):
        return {str(key): _comparable(value) for key, value in sorted(part.items(), key=lambda item: str(item[0]))}
    if isinstance(part, (list, tuple)):
        # The order has no meaning anywhere in a policy.
        listed = sorted((_comparable(each) for each in part), key=lambda each: json.dumps(each, sort_keys=True))
        return listed[0] if len(listed) == 1 else listed
    if isinstance(part, bool):
        return str(part).lower()
    return part if part is None else str(part)
