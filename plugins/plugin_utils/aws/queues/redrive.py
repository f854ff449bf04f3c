# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The queue's own redrive policy, which may take a message away before it is put aside here: that is AWS's, and is said once.

With a `maxReceiveCount` of N, a message that was received N times is moved instead of being received once more (Amazon SQS Developer Guide, "Using
dead-letter queues in Amazon SQS").
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, DENIED, failure_of

from .queue import Queue
from .settings import QueueSettings

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 60.0


async def say_what_is_taken_earlier(queue: Queue, settings: QueueSettings) -> None:
    """Ask for the redrive policy and say what follows from it. It need not be known: without the right to ask for it, all goes on."""
    while True:
        try:
            attributes = await queue.attributes()
            break
        except AWS_ERRORS as error:
            if (failure := failure_of(error)).kind == DENIED:
                logger.info("cloudwatch: %s: whether it has a dead-letter queue is not known: %s", queue.source, failure)
                return
        await asyncio.sleep(_PAUSE_SECONDS)  # the receivers say what is wrong
    if text := taken_earlier(attributes, settings.max_receives):
        logger.warning("cloudwatch: %s: %s", queue.source, text)


def taken_earlier(attributes: Mapping[str, str], max_receives: int) -> str | None:
    """Say what the policy takes before `max_receives`; None where there is none, or it waits for longer."""
    try:
        policy = json.loads(attributes.get("RedrivePolicy") or "null")
        most, target = int(policy["maxReceiveCount"]), str(policy["deadLetterTargetArn"])
    except (ValueError, TypeError, KeyError):
        return None
    if most >= max_receives:
        return None
    return (
        f"its redrive policy takes a message to {target} after it was received {most} times, before it is put aside here (max_receives: {max_receives}), "
        "so what cannot be read is there, and there is no case with the reason"
    )
