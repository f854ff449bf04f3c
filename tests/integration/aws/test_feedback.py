# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback to AWS: metrics of cases that are over, and a tag on what they were about."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

from .looked_up import NO_SUCH_INSTANCE, OTHER_ACCOUNT, OTHER_REGION, Machines, place_at
from .reported import KEY, Reported, sums, tag_of

METRICS, TAG, BOTH = Feedback("eventops"), Feedback(tag=KEY), Feedback("eventops", KEY)


@pytest.fixture(autouse=True)
def _environment(aws, monkeypatch):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


def test_cases_are_counted_by_how_they_ended_in_few_requests(aws, tmp_path):
    async def scene():
        reported = Reported(tmp_path, METRICS, [place_at(aws.url)])
        async with reported.running():
            await asyncio.gather(*(reported.end("resolved", took=10.0 + number % 3) for number in range(60)))
            await asyncio.gather(*(reported.end(state) for state in ("exhausted", "suppressed", "observed", "unmatched")))
            await reported.end("resolved", took=100.0, name="disk ü")
            await reported.all_heard()

    asyncio.run(scene())
    cases = {state: total for state, (total, _samples) in sums(aws, "Cases", "State").items()}
    assert cases == {"resolved": 61.0, "exhausted": 1.0, "suppressed": 1.0, "observed": 1.0, "unmatched": 1.0}
    assert sums(aws, "TimeToResolve", "Alert") == {"cpu": (660.0, 60.0), "disk _": (100.0, 1.0)}
    assert aws.calls()["PutMetricData"] < 40


def test_names_that_have_a_metric_have_it_in_later_lives_and_no_more_get_one(aws, tmp_path):
    async def life(begin):
        reported = Reported(tmp_path, METRICS, [place_at(aws.url)])
        async with reported.running():
            for number in range(begin, begin + 40):
                await reported.end(name=f"alarm {number}")
            await reported.all_heard()

    asyncio.run(life(0))
    asyncio.run(life(20))
    found = sums(aws, "TimeToResolve", "Alert")
    assert len(found) == 51
    assert found["other"][1] == 10.0
    assert found["alarm 30"][1] == 2.0


def test_what_a_case_was_about_has_its_number_and_how_it_ended(aws, tmp_path):
    (one,) = Machines(aws.client("ec2")).run()
    rds = aws.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20)
    aws.client("autoscaling").create_launch_configuration(LaunchConfigurationName="web", ImageId="ami-12c6146b", InstanceType="t3.micro")
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="web", MinSize=0, MaxSize=0, AvailabilityZones=[f"{REGION}a"]
    )
    aws.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    aws.client("ecs").create_cluster(clusterName="shop")

    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            cases = [
                await reported.end("exhausted", labels={"InstanceId": one}),
                await reported.end("resolved", labels={"AutoScalingGroupName": "web"}),
                await reported.end("resolved", labels={"DBInstanceIdentifier": "orders"}),
                await reported.end("suppressed", type="aws.s3.something", resources=["arn:aws:s3:::bucket"]),
                await reported.end("resolved", labels={"ClusterName": "shop"}),
            ]
            await reported.end("resolved", labels={"InstanceId": NO_SUCH_INSTANCE})
            await reported.end("resolved")
            await reported.all_heard()
            assert reported.troubles == {}
        return cases

    case, of_group, of_database, of_bucket, of_cluster = asyncio.run(scene())
    assert tag_of(aws, one) == f"{case} exhausted"
    (group,) = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [(tag["Key"], tag["Value"], tag["PropagateAtLaunch"]) for tag in group["Tags"]] == [(KEY, f"{of_group} resolved", False)]
    assert rds.describe_db_instances()["DBInstances"][0]["TagList"] == [{"Key": KEY, "Value": f"{of_database} resolved"}]
    assert aws.client("s3").get_bucket_tagging(Bucket="bucket")["TagSet"] == [{"Key": KEY, "Value": f"{of_bucket} suppressed"}]
    (cluster,) = aws.client("ecs").describe_clusters(clusters=["shop"], include=["TAGS"])["clusters"]
    assert cluster["tags"] == [{"key": KEY, "value": f"{of_cluster} resolved"}]


def test_what_aws_cannot_tag_is_given_up_after_a_few_tries_and_holds_up_nothing(aws, tmp_path):
    machines = Machines(aws.client("ec2"))
    (one,) = machines.run()
    subnets = [each["SubnetId"] for each in machines.ec2.describe_subnets()["Subnets"][:2]]
    # moto's tagging does not support balancers, as AWS's does not support some other things.
    balancer = aws.client("elbv2").create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]

    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            await reported.end("resolved", type="aws.elasticloadbalancing.something", resources=[balancer])
            case = await reported.end("resolved", labels={"InstanceId": one})
            await reported.all_heard(60)
        return case

    case = asyncio.run(scene())
    assert tag_of(aws, one) == f"{case} resolved"
    assert aws.calls()["TagResources"] == 4


def test_the_newest_case_counts_and_what_nobody_worked_on_is_not_marked(aws, tmp_path):
    one, two = Machines(aws.client("ec2")).run(2)

    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            await reported.end("exhausted", labels={"InstanceId": one})
            await reported.all_heard()
            newest = await reported.end("resolved", labels={"InstanceId": one})
            await reported.end("observed", labels={"InstanceId": two})
            await reported.end("unmatched", labels={"InstanceId": two})
            await reported.end("resolved", type="aws.tag.tag_change_on_resource", resources=[f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{two}"])
            await reported.all_heard()
        return newest

    newest = asyncio.run(scene())
    assert tag_of(aws, one) == f"{newest} resolved"
    assert tag_of(aws, two) is None


def test_each_account_and_region_is_told_of_its_own(aws, tmp_path):
    places = [place_at(aws.url), place_at(aws.url, OTHER_REGION), place_at(aws.url, account=OTHER_ACCOUNT)]
    autoscaling = {account: aws.client("autoscaling", account=account) for account in (ACCOUNT, OTHER_ACCOUNT)}
    for client in autoscaling.values():
        client.create_launch_configuration(LaunchConfigurationName="web", ImageId="ami-12c6146b", InstanceType="t3.micro")
        client.create_auto_scaling_group(AutoScalingGroupName="web", LaunchConfigurationName="web", MinSize=0, MaxSize=0, AvailabilityZones=[f"{REGION}a"])

    async def scene():
        reported = Reported(tmp_path, BOTH, places)
        async with reported.running():
            queue = {"source": f"aws:sqs:{REGION}:alarms", "labels": {"AutoScalingGroupName": "web"}}
            case = await reported.end(alarm_arn=f"arn:aws:cloudwatch:{REGION}:{OTHER_ACCOUNT}:alarm:cpu", **queue)
            await reported.end(alarm_arn=f"arn:aws:cloudwatch:{REGION}:333333333333:alarm:cpu", **queue)
            await reported.end(source=f"aws:cloudwatch:production:{OTHER_REGION}")
            await reported.all_heard()
        return case

    case = asyncio.run(scene())
    tags = {account: client.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Tags"] for account, client in autoscaling.items()}
    assert tags[ACCOUNT] == []
    assert [tag["Value"] for tag in tags[OTHER_ACCOUNT]] == [f"{case} resolved"]
    assert [sums(aws, "Cases", "State", region)["resolved"][0] for region in (REGION, OTHER_REGION)] == [2.0, 1.0]
