# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attributes of queues: moto does not tell which queues may use one for their dead letters, and drops the policy when another attribute is set."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue


def add_to_moto() -> None:
    """Let a queue keep its policy, and tell RedriveAllowPolicy."""
    set_attributes, attributes = Queue._set_attributes, Queue.attributes.fget

    def keep_policy(self: Queue, given: dict[str, Any], now: float | None = None) -> None:
        set_attributes(self, {"Policy": getattr(self, "policy", None), **given}, now)

    def tell_all(self: Queue) -> dict[str, Any]:
        told = attributes(self)
        allowed = getattr(self, "redrive_allow_policy", None)
        return {**told, "RedriveAllowPolicy": allowed} if allowed else told

    Queue._set_attributes = keep_policy
    Queue.attributes = property(tell_all)
