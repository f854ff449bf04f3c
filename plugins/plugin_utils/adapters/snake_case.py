# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of types as senders write them, as a word of a type of ours."""

from __future__ import annotations

import re

from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent

_HUMP = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN_WORDS = re.compile("[^a-z0-9]+")


def snake_case(text: str, where: str) -> str:
    """Write `EC2 Instance State-change Notification` or `BlobCreated` as words of lower case with underscores between them.

    A text with spaces has its words already: GuardDuty is one of them. Without spaces every hump begins one.

    :param where: the name of the field, for the message.
    :raises InvalidEvent: when no letter or digit is left.
    """
    words = text if " " in text.strip() else _HUMP.sub("_", text)
    found = _BETWEEN_WORDS.sub("_", words.lower()).strip("_")
    if not found:
        raise InvalidEvent(f"{where}: must have a letter or a digit, got {text[:60]!r}")
    return found
