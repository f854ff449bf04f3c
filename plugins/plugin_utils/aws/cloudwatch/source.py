# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The source, put together: the queues, the pollers, and what is written back to AWS."""

from __future__ import annotations

import asyncio
import time
import uuid

from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from ..around import Around
from .settings import Settings


async def run(settings: Settings, keeper: Keeper) -> None:
    """Hear what happens in AWS until cancelled. Nothing that AWS does ends it."""
    # All of them load aiobotocore, whose absence is a mistake that is said with the others.
    from ..access.clients import Clients
    from ..alarms.confirming import Confirmation
    from ..alarms.polling import run as poll_alarms
    from ..directory.default_rules import DEFAULT_HOSTS
    from ..directory.directory import Directory
    from ..feedback.reporting import run as tell_aws
    from ..logs.polling import run as poll_logs
    from ..queues.intake import run as empty_queue

    clients = Clients()
    directory = Directory(clients, keeper, settings.places)
    around = Around(
        keeper=keeper,
        clients=clients,
        directory=directory,
        now=time.time,
        new_id=lambda: str(uuid.uuid4()),
        hosts=DEFAULT_HOSTS if settings.hosts is None else settings.hosts,
        labels=settings.labels,
    )
    keeper.confirm_with(Confirmation(settings.places, clients, directory.account_of).ask)
    if settings.feedback is not None:
        await keeper.follow_cases()
    try:
        async with asyncio.TaskGroup() as group:
            for queue, place in settings.queues:
                group.create_task(empty_queue(queue, place, around), name=f"eventops {queue.where}")
            if settings.alarms:
                group.create_task(poll_alarms(settings.alarms, around), name="eventops alarms")
            if settings.logs:
                group.create_task(poll_logs(settings.logs, around), name="eventops logs")
            if settings.feedback is not None:
                group.create_task(tell_aws(settings.feedback, settings.places, around), name="eventops feedback")
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the first one ended the group
    finally:
        await directory.close()
        await clients.close()
