# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The attributes of a CloudEvent whose body is the data alone: in headers (HTTP Protocol Binding for CloudEvents 1.0.2, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent

_PREFIX = "ce-"
_QUOTED_PAIR = re.compile(r"\\(.)")  # RFC 9110 section 5.6.4


def attributes_in(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes by name.

    :param headers: their names in lower case.
    :raises InvalidEvent: when one is not percent-encoded UTF-8.
    """
    return {name.removeprefix(_PREFIX): _decoded(name, value) for name, value in headers.items() if name.startswith(_PREFIX)}


def _decoded(name: str, value: str) -> str:
    """Undo the encoding of section 3.1.3.2: a quoted string first, as older senders write it, then percent-encoding, once."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = _QUOTED_PAIR.sub(r"\1", value[1:-1])
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise InvalidEvent(f"{name}: must be percent-encoded UTF-8 (HTTP binding section 3.1.3.2)") from None
