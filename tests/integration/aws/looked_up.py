# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory at work in a test: real clients, real adapters, and machines in the double of AWS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Directory
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot, snapshot_of
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

OTHER_ACCOUNT, OTHER_REGION = "222222222222", "us-east-1"
NO_SUCH_INSTANCE = "i-0000000000000dead"


def place_at(url: str, region: str = REGION, account: str = ACCOUNT) -> Place:
    """Return a place of the double; in another account by a role."""
    role = None if account == ACCOUNT else f"arn:aws:iam::{account}:role/eventops"
    return Place("production" if role is None else "staging", region, Access(role_arn=role, endpoint_url=url))


class Health:
    """What /healthz says: a keeper's troubles, and all that there ever were."""

    def __init__(self) -> None:
        self.troubles: dict[str, str] = {}
        self.ever: list[str] = []

    def trouble(self, where: str, text: str | None) -> None:
        """Note a trouble, or its end."""
        if text is None:
            self.troubles.pop(where, None)
        else:
            self.troubles[where] = text
            self.ever.append(text)


class Reader:
    """Reads payloads with an adapter, whose rules may ask the directory.

    :param hosts: the rules.
    :param inventory: the variables of the hosts that there are.
    """

    def __init__(self, directory: Directory, place: Place, hosts: Sequence[Any], inventory: Mapping[str, Mapping] | None = None, adapter: str = "eventbridge"):
        mistakes = Mistakes()
        settings = {"hosts": list(hosts)} if adapter != "eventbridge" else {"hosts": list(hosts), "cloudwatch_alarm": {"hosts": list(hosts)}}
        self._adapter, self._settings = read_adapter({adapter: settings}, "adapter", mistakes, looks_up=True)
        mistakes.raise_if_any()
        self._directory = directory
        self._place = place
        self.inventory: Snapshot = snapshot_of({"_meta": {"hostvars": dict(inventory or {})}})

    async def events(self, payloads: Sequence[Mapping]) -> list[Event]:
        """Return the events of payloads that came together."""

        def read(names):
            context = AdapterContext("aws", "2026-01-31T12:00:00Z", lambda: "new", self.inventory, names=names)
            return [event for each in payloads for event in ADAPTERS[self._adapter].adapt(each, settings=self._settings, context=context)]

        return await self._directory.read(self._place, read)

    async def hosts(self, *payloads: Mapping) -> list[tuple[str, ...]]:
        """Return the hosts of payloads that came together."""
        return [event.hosts for event in await self.events(payloads)]


def with_directory(places: Sequence[Place], scene: Callable[[Directory, Health], Awaitable[Any]], **how: Any) -> Any:
    """Run a scene with a directory."""

    async def run():
        health, clients = Health(), Clients()
        directory = Directory(clients, health, places, **how)
        try:
            return await scene(directory, health)
        finally:
            await directory.close()
            await clients.close()

    return asyncio.run(run())


def alarm(name: str = "cpu", account: str = ACCOUNT, region: str = REGION, **dimensions: str) -> dict[str, Any]:
    """Return an alarm's event, as EventBridge delivers it."""
    metric = {"id": "m1", "metricStat": {"metric": {"namespace": "AWS/EC2", "name": "CPUUtilization", "dimensions": dimensions}}}
    return {
        "id": f"{name}-{json.dumps(dimensions)}",
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "account": account,
        "region": region,
        "time": "2026-01-31T12:00:00Z",
        "resources": [f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"],
        "detail": {"alarmName": name, "state": {"value": "ALARM", "reason": "too high"}, "configuration": {"metrics": [metric]}},
    }


def happened(detail: Mapping[str, Any], resources: Sequence[str] = (), account: str = ACCOUNT, region: str = REGION, source: str = "aws.ec2") -> dict[str, Any]:
    """Return another event of EventBridge."""
    shared = {"id": json.dumps([detail, list(resources)]), "source": source, "detail-type": "Something", "account": account, "region": region}
    return {**shared, "resources": list(resources), "detail": dict(detail)}


class Machines:
    """The instances of a region in the double."""

    def __init__(self, ec2: Any) -> None:
        self.ec2 = ec2

    def run(self, count: int = 1, **tags: str) -> list[str]:
        """Start instances that have the same tags; return their ids."""
        specification = [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}] if tags else []
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        started = self.ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count, InstanceType="t3.micro", TagSpecifications=specification)
        return [each["InstanceId"] for each in started["Instances"]]

    def describe(self, *ids: str) -> dict[str, dict[str, Any]]:
        """Return instances by their ids."""
        pages = self.ec2.get_paginator("describe_instances").paginate(InstanceIds=list(ids))
        return {each["InstanceId"]: each for page in pages for reservation in page["Reservations"] for each in reservation["Instances"]}
