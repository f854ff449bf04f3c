# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each part of the source runs under its policy of docs/aws_iam.md, which allows all that it does and nothing else."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION, RunningAws
from ansible_collections.eventops.infra.tests.integration.aws.looked_up import OTHER_ACCOUNT, Machines, Reader, alarm, happened, place_at, with_directory
from ansible_collections.eventops.infra.tests.integration.aws.polled import Polled
from ansible_collections.eventops.infra.tests.integration.aws.queue_taken import Taken, envelope
from ansible_collections.eventops.infra.tests.integration.aws.reported import Reported
from ansible_collections.eventops.infra.tests.integration.aws_setup.documented_policies import Calls, actions_of, sections

QUICK = {"interval": 1, "overlap": 10}


def put_alarm(aws: RunningAws, name: str = "web-cpu") -> None:
    """Make an alarm with a tag."""
    metric = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60, "EvaluationPeriods": 1, "Threshold": 80.0}
    tags = [{"Key": "team", "Value": "web"}]
    aws.client("cloudwatch").put_metric_alarm(AlarmName=name, ComparisonOperator="GreaterThanThreshold", Tags=tags, **metric)


def seen(aws: RunningAws, source: Polled, happens: Callable[[], None], events: int, begun: str) -> None:
    """Let something happen while the source polls, until it has told of it."""

    async def scene() -> None:
        async with source.running():
            await source.until_begun(begun)
            happens()
            await source.until(lambda: len(source.events()) >= events)

    asyncio.run(scene())


def test_quick_start_tells_of_alarms_with_one_right_and_says_which_would_tell_more(aws: RunningAws, under: Callable[..., Calls], tmp_path: Path) -> None:
    calls = under("Quick start")
    put_alarm(aws)
    source = Polled(tmp_path, aws.url, alarms=[QUICK])
    troubles = []

    async def scene() -> None:
        async with source.running():
            await source.until(lambda: source.troubles)
            troubles.extend(source.troubles.values())
            aws.alarm("web-cpu", "ALARM", value=95.0)
            await source.until(lambda: len(source.events()) == 1)
            aws.alarm("web-cpu", "OK", value=5.0)
            await source.until(lambda: len(source.events()) == 2)

    asyncio.run(scene())

    assert [event.type for event in source.events()] == ["alert.firing", "alert.resolved"]
    assert "cloudwatch:DescribeAlarmHistory" in troubles[0]
    assert calls.denied == ["cloudwatch:DescribeAlarmHistory *"]
    assert calls.unused(sections()["Quick start"]) == []


def test_queues(aws: RunningAws, under: Callable[..., Calls], tmp_path: Path) -> None:
    policies = sections()["Queues"]
    calls = under("Queues")
    taken = Taken(tmp_path, aws, visibility_seconds=1).create()
    taken.send([envelope(f"s{number}") for number in range(3)])

    async def scene() -> None:
        async with taken.running():
            await taken.until(lambda: len(taken.events()) == 3 and taken.is_empty())
            # What waits for the store is put off.
            taken.store.is_away = True
            taken.send([envelope("waits")])
            await taken.until(lambda: taken.store.refusals > 1 and "sqs:ChangeMessageVisibility" in str(calls.used))
            taken.store.is_away = False
            await taken.until(lambda: len(taken.events()) == 4 and taken.is_empty())

    asyncio.run(scene())
    taken.close()

    assert calls.denied == []
    # moto decrypts without being asked for a key.
    assert calls.unused(policies) == [("DecryptMessages", "kms:Decrypt")]


def test_alarms(aws: RunningAws, under: Callable[..., Calls], tmp_path: Path) -> None:
    calls = under("Alarms")
    put_alarm(aws)
    source = Polled(tmp_path, aws.url, alarms=[{**QUICK, "tags": {"team": "web"}}])

    def flaps() -> None:
        aws.alarm("web-cpu", "ALARM", value=95.0)
        aws.alarm("web-cpu", "OK", value=5.0)

    seen(aws, source, flaps, events=2, begun="alarms/")

    assert [event.type for event in source.events()] == ["alert.firing", "alert.resolved"]
    assert calls.denied == []
    assert calls.unused(sections()["Alarms"]) == []


def test_logs(aws: RunningAws, under: Callable[..., Calls], tmp_path: Path) -> None:
    calls = under("Logs")
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/shop")
    logs.create_log_stream(logGroupName="/aws/lambda/shop", logStreamName="s")
    source = Polled(tmp_path, aws.url, logs=[{"prefix": "/aws/lambda/", "interval": 1, "overlap": 10, "window": 1}])

    def writes() -> None:
        line = {"timestamp": int(time.time() * 1000), "message": "ERROR it broke"}
        logs.put_log_events(logGroupName="/aws/lambda/shop", logStreamName="s", logEvents=[line])

    seen(aws, source, writes, events=1, begun="logs/")

    assert calls.denied == []
    assert calls.unused(sections()["Logs"]) == []


def test_hosts(aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Hosts")
    machines, ecs, rds, autoscaling = Machines(aws.client("ec2")), aws.client("ecs"), aws.client("rds"), aws.client("autoscaling")
    (one,) = machines.run(Name="web-01")
    image = machines.ec2.describe_images()["Images"][0]["ImageId"]
    autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
    group = {"AutoScalingGroupName": "web", "LaunchConfigurationName": "web", "AvailabilityZones": [f"{REGION}a"]}
    tag = {"Key": "Name", "Value": "web-manager", "PropagateAtLaunch": False}
    autoscaling.create_auto_scaling_group(**group, MinSize=0, MaxSize=1, Tags=[tag])
    ecs.create_cluster(clusterName="shop")
    document = json.dumps({"instanceId": one, "region": REGION, "accountId": ACCOUNT})
    ecs.register_container_instance(cluster="shop", instanceIdentityDocument=document)
    ecs.register_task_definition(family="cart", containerDefinitions=[{"name": "cart", "image": "cart", "memory": 128, "cpu": 10}])
    task = ecs.run_task(cluster="shop", taskDefinition="cart", launchType="EC2")["tasks"][0]["taskArn"]
    named = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20, "Tags": [{"Key": "Name", "Value": "db-01"}]}
    rds.create_db_instance(DBInstanceIdentifier="orders", **named)
    of_cluster = {"Engine": "aurora-postgresql", "MasterUsername": "admin1", "MasterUserPassword": "not-a-secret", "Tags": [{"Key": "Name", "Value": "db-02"}]}
    rds.create_db_cluster(DBClusterIdentifier="stock", **of_cluster)
    subnets = [each["SubnetId"] for each in machines.ec2.describe_subnets()["Subnets"][:2]]
    created = aws.client("elbv2").create_load_balancer(Name="shop", Subnets=subnets, Tags=[{"Key": "Name", "Value": "edge-01"}])
    balancer = created["LoadBalancers"][0]["LoadBalancerArn"]
    rules = [{"path": "detail.taskArn", "by": "tag:Name"}]
    labels = ("InstanceId", "AutoScalingGroupName", "DBInstanceIdentifier", "DBClusterIdentifier", "LoadBalancer")
    rules += [{"label": label, "by": "tag:Name"} for label in labels]
    rules += [{"label": "ServiceName", "by": "tag:Name", "instances": True}, {"label": "ClusterName", "by": "tag:Name", "instances": True}]
    inventory = dict.fromkeys(["web-01", "web-manager", "db-01", "db-02", "edge-01"], {})

    async def scene(directory, health) -> list:
        payloads = [
            alarm(InstanceId=one),
            alarm(AutoScalingGroupName="web"),
            alarm(DBInstanceIdentifier="orders"),
            alarm(DBClusterIdentifier="stock"),
            alarm(LoadBalancer=balancer.partition(":loadbalancer/")[2]),
            happened({"taskArn": task}, source="aws.ecs"),
            alarm(ClusterName="shop"),
            alarm(ClusterName="shop", ServiceName="cart"),
        ]
        hosts = await Reader(directory, place_at(aws.url), rules, inventory).hosts(*payloads)
        assert health.ever == []
        return hosts

    found = with_directory([place_at(aws.url)], scene)

    assert [names[0] for names in found[:7]] == ["web-01", "web-manager", "db-01", "db-02", "edge-01", "web-01", "web-01"]
    assert calls.denied == []
    assert calls.unused(sections()["Hosts"]) == []


def test_feedback(aws: RunningAws, under: Callable[..., Calls], tmp_path: Path) -> None:
    calls = under("Feedback")
    (one,) = Machines(aws.client("ec2")).run()
    aws.client("autoscaling").create_launch_configuration(LaunchConfigurationName="web", ImageId="ami-12c6146b", InstanceType="t3.micro")
    group = {"AutoScalingGroupName": "web", "LaunchConfigurationName": "web", "AvailabilityZones": [f"{REGION}a"]}
    aws.client("autoscaling").create_auto_scaling_group(**group, MinSize=0, MaxSize=1)
    reported = Reported(tmp_path, Feedback("eventops", "eventops:case"), [place_at(aws.url)])
    dimensions = [
        {"InstanceId": one},
        {"AutoScalingGroupName": "web"},
        {"DBInstanceIdentifier": "orders"},
        {"LoadBalancer": "app/shop/0123456789abcdef"},
        {"ClusterName": "shop", "ServiceName": "cart"},
    ]

    async def scene() -> None:
        async with reported.running():
            for labels in dimensions:
                await reported.end(labels=labels)
            await reported.all_heard()

    asyncio.run(scene())

    assert calls.denied == []
    assert calls.unused(sections()["Feedback"]) == []
    (tagged,) = aws.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [one]}])["Tags"]
    assert tagged["Value"].endswith("resolved")


def test_another_account_by_a_role(aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Hosts", "Several accounts")
    (one,) = Machines(aws.client("ec2", account=OTHER_ACCOUNT)).run(Name="web-01")
    place = place_at(aws.url, account=OTHER_ACCOUNT)

    async def scene(directory, health) -> list:
        rules = [{"label": "InstanceId", "by": "tag:Name"}]
        return await Reader(directory, place, rules, {"web-01": {}}).hosts(alarm(account=OTHER_ACCOUNT, InstanceId=one))

    assert with_directory([place_at(aws.url), place], scene) == [("web-01",)]
    assert calls.denied == []
    own, trust = sections()["Several accounts"]
    assert ("BecomeTheReaders", "sts:AssumeRole") in calls.used
    assert [action for _sid, action in actions_of([own, trust])] == ["sts:AssumeRole", "sts:AssumeRole"]


@pytest.mark.parametrize("heading", ["Queues", "Alarms", "Logs"])
def test_without_its_policy_a_part_is_denied(aws: RunningAws, under: Callable[..., Calls], tmp_path: Path, heading: str) -> None:
    calls = under("invoke_function")
    entries = {"alarms": [QUICK]} if heading == "Alarms" else {"logs": [{"groups": ["/aws/lambda/shop"], "interval": 1}]}
    put_alarm(aws)
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/shop")
    part = Taken(tmp_path, aws).create() if heading == "Queues" else Polled(tmp_path, aws.url, **entries)

    async def scene() -> None:
        async with part.running():
            await part.until(lambda: part.troubles)

    asyncio.run(scene())

    assert calls.denied
    assert calls.used == set()
