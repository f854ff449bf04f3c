# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One entry of `queues`: its schema, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import ADAPTER_SCHEMA, read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.accounts import REGION_SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

from .address import FIFO_SUFFIX, name_in, region_in

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["url"]}, {"required": ["name"]}],
    "properties": {
        "url": {
            "type": "string",
            "pattern": r"^https?://[^\s/?#@]+/[^\s?#]*[^\s?#/]$",
            "expected": "the URL of a queue, such as https://sqs.eu-central-1.amazonaws.com/123456789012/eventops",
        },
        "name": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,80}(\.fifo)?$", "expected": "the name of a queue, such as eventops"},
        "account": {"type": "string", "minLength": 1, "expected": "the name of one of the accounts"},
        "region": REGION_SCHEMA,
        "receivers": {"type": "integer", "minimum": 1, "maximum": 16, "default": 4},
        # Amazon SQS Developer Guide, "Amazon SQS short and long polling": 20 seconds at most.
        "wait": {"type": "integer", "minimum": 1, "maximum": 20, "default": 20},
        # Shorter than that it would run out while a message is read; longer, what a killed process had in hand comes again too late.
        "visibility": {"type": "integer", "minimum": 5, "maximum": 3600, "default": 120},
        "max_receives": {"type": "integer", "minimum": 1, "maximum": 100, "default": 5},
        "adapter": ADAPTER_SCHEMA,
        "envelopes": {"type": "boolean", "default": False},
    },
}


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """A queue that is read.

    `where` is the entry's place in the rulebook. Of `url` and `name` at least the name is set. `account` and `region` None: the only one. `adapter` None:
    each message is read by what it is. `envelopes`: whether a message may be an envelope of ours, which can say anything in anybody's name.
    """

    where: str
    url: str | None
    name: str
    account: str | None = None
    region: str | None = None
    receivers: int = 4
    wait_seconds: int = 20
    visibility_seconds: int = 120
    max_receives: int = 5
    adapter: str | None = None
    adapter_settings: Mapping[str, Any] | None = None
    envelopes: bool = False

    @property
    def is_fifo(self) -> bool:
        return self.name.endswith(FIFO_SUFFIX)


def read(written: Mapping[str, Any], where: str, mistakes: Mistakes) -> QueueSettings | None:
    """Take one entry apart; None when there are mistakes in it, which are noted."""
    given = mistakes.read(written, SCHEMA, where)
    if given is None:
        return None
    url, region = given.get("url"), given.get("region")
    of_url = region_in(url) if url else None
    if region and of_url and region != of_url:
        mistakes.add(f"{where}.region", f"must be {of_url}, as the URL says, got {region}; leave it out")
    adapter, adapter_settings = read_adapter(given.get("adapter"), f"{where}.adapter", mistakes, looks_up=True)
    return QueueSettings(
        where=where,
        url=url,
        name=name_in(url) if url else given["name"],
        account=given.get("account"),
        region=region or of_url,
        receivers=given["receivers"],
        wait_seconds=given["wait"],
        visibility_seconds=given["visibility"],
        max_receives=given["max_receives"],
        adapter=adapter,
        adapter_settings=adapter_settings,
        envelopes=given["envelopes"],
    )
