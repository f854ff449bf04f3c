# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`feedback` as a rulebook writes it: what AWS is told of cases that are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

SCHEMA: Mapping[str, Any] = {
    "anyOf": [
        {"const": False},
        {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                # PutMetricData takes these, and keeps what begins with AWS/ for itself (Amazon CloudWatch API Reference).
                "metrics": {
                    "type": "string",
                    "pattern": "^(?!AWS/)[A-Za-z0-9_./#:-]{1,255}$",
                    "expected": "a namespace such as eventops, 1 to 255 letters, digits and . _ - / # :, which does not begin with AWS/",
                },
                # What all services take ("Tagging AWS resources", tag naming limits).
                "tag": {
                    "type": "string",
                    "pattern": "^(?![aA][wW][sS]:)[A-Za-z0-9_./=+@: -]{1,128}$",
                    "expected": "the key of a tag such as eventops:case, up to 128 letters, digits, spaces and . _ - / = + : @, which does not begin with aws:",
                },
            },
        },
    ],
    "expected": "a mapping with metrics (a namespace) and tag (the key of a tag), or false",
    "default": False,
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """The namespace of metrics, and the key of the tag; None: not written."""

    metrics: str | None = None
    tag: str | None = None


def read(written: Mapping[str, Any] | bool, where: str, mistakes: Mistakes) -> Feedback | None:
    """Take it apart; None where there is to be no feedback, or it is wrong, which goes to `mistakes`."""
    values = mistakes.read({"feedback": written}, {"type": "object", "properties": {"feedback": SCHEMA}}, where.removesuffix("feedback").removesuffix("."))
    given = values and values["feedback"]
    return Feedback(given.get("metrics"), given.get("tag")) if given else None
