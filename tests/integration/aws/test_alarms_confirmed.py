# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an alarm goes on: CloudWatch is asked before its case counts as failed."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.confirming import Confirmation
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Directory
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

from .looked_up import OTHER_ACCOUNT, Health, place_at
from .made_alarms import put_alarm
from .polled import play


def test_asking_whether_an_alarm_goes_on(aws, polled):
    put_alarm(aws)
    place = Place("test", REGION, Access(endpoint_url=aws.url))
    source = polled()

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM")
        await source.until(source.events)

    play(source, scene)
    event = source.events()[0].to_mapping()

    async def asked():
        clients = Clients()
        directory = Directory(clients, Health(), [place])
        confirmation = Confirmation([place], clients, directory.account_of)
        try:
            answers = [await confirmation.ask(event)]
            aws.alarm("web-cpu", "INSUFFICIENT_DATA")
            answers.append(await confirmation.ask(event))
            aws.alarm("web-cpu", "OK")
            answers.append(await confirmation.ask(event))
            through_queue = {**event, "source": "aws:sqs:eu-central-1:alarms"}
            answers.append(await confirmation.ask(through_queue))
            answers.append(await confirmation.ask({**event, "data": {**event["data"], "monitor": "probe"}}))
            aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
            answers += [await confirmation.ask(event), await confirmation.ask(through_queue)]
            arn = event["data"]["alarm_arn"].replace(ACCOUNT, OTHER_ACCOUNT)
            answers.append(await confirmation.ask({**through_queue, "data": {**event["data"], "alarm_arn": arn}}))
            return answers
        finally:
            await directory.close()
            await clients.close()

    aws.forget_calls()
    assert asyncio.run(asked()) == ["firing", None, "resolved", "resolved", None, "resolved", "resolved", None]
    assert aws.calls()["GetCallerIdentity"] == 1, "an account keeps its number"


@pytest.mark.usefixtures("polled")  # for credentials
def test_of_an_alarm_that_is_gone_the_right_account_is_asked(aws):
    """Of several accounts that have the region, the one of the ARN tells."""
    places = [place_at(aws.url, account=OTHER_ACCOUNT), place_at(aws.url)]
    data = {"monitor": "cloudwatch", "name": "web-cpu"}

    async def asked():
        clients = Clients()
        directory = Directory(clients, Health(), places)
        confirmation = Confirmation(places, clients, directory.account_of)
        try:
            arns = [f"arn:aws:cloudwatch:{REGION}:{account}:alarm:web-cpu" for account in (ACCOUNT, OTHER_ACCOUNT, "333333333333")]
            return [await confirmation.ask({"source": "aws:sqs:eu-central-1:alarms", "data": {**data, "alarm_arn": arn}}) for arn in arns]
        finally:
            await directory.close()
            await clients.close()

    put_alarm(aws)  # of the first account, and of no other
    assert asyncio.run(asked()) == [None, "resolved", None], "without data an alarm tells neither"
    aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
    assert asyncio.run(asked()) == ["resolved", "resolved", None]
