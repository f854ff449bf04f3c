# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What playbooks do in AWS they do under their policies of docs/aws_iam.md, which allow all of it and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

from ansible_collections.eventops.infra.tests.doubles.aws import REGION, RunningAws, faulty
from ansible_collections.eventops.infra.tests.integration.aws_setup.account import everything
from ansible_collections.eventops.infra.tests.integration.aws_setup.documented_policies import Calls, sections
from ansible_collections.eventops.infra.tests.integration.aws_setup.functions import running_functions
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import Operator

MUCH = {
    "topic": True,
    "topic_encrypted": False,
    "rules": ["health"],
    "patterns": [{"name": "orders", "pattern": {"source": ["my.shop"]}}],
    "alarms": [{"what": "group_cpu_high", "of": "web"}, {"what": "dead_letters"}],
}
TAGS = {"eventops": "remediate"}
QUICK = {"interval": 1, "timeout": 20}


def group_of(aws: RunningAws, size: int) -> list[str]:
    """Make a group named web, whose instances have the tag that allows to heal them; return their ids."""
    ec2, autoscaling = aws.client("ec2"), aws.client("autoscaling")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
    named = {"AutoScalingGroupName": "web", "LaunchConfigurationName": "web", "AvailabilityZones": [f"{REGION}a"]}
    tag = {"Key": "eventops", "Value": "remediate", "PropagateAtLaunch": True}
    autoscaling.create_auto_scaling_group(**named, MinSize=0, MaxSize=5, DesiredCapacity=size, Tags=[tag])
    return members(aws)


def members(aws: RunningAws) -> list[str]:
    """Return the instances of the group that are in service."""
    (group,) = aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return [each["InstanceId"] for each in group["Instances"] if each["LifecycleState"] == "InService"]


def desired(aws: RunningAws) -> int:
    """Return the capacity that the group is to have."""
    return aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"][0]["DesiredCapacity"]


def test_aws_events_sets_up_mends_and_removes(operator: Operator, aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Set up")

    assert operator.set_up(**MUCH).rc == 0
    url = aws.client("sqs").get_queue_url(QueueName="eventops")["QueueUrl"]
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    (subscription,) = aws.client("sns").list_subscriptions()["Subscriptions"]
    of_it = {"SubscriptionArn": subscription["SubscriptionArn"]}
    aws.client("sns").set_subscription_attributes(**of_it, AttributeName="RawMessageDelivery", AttributeValue="true")
    topic = {"TopicArn": subscription["TopicArn"]}
    aws.client("sns").set_topic_attributes(**topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/other")
    mended = operator.set_up(**MUCH, tags={"team": "operations"})
    gone = operator.set_up(**MUCH, state="absent")

    assert (mended.rc, gone.rc) == (0, 0), mended.output + gone.output
    assert calls.denied == []
    assert calls.unused(sections()["Set up"]) == []
    assert not any(everything(aws).values())


def test_aws_events_tells_what_it_was_denied(operator: Operator, aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Queues")

    run = operator.set_up()

    assert run.rc != 0
    assert "AWS refused" in run.text and "AccessDenied" in run.text
    assert calls.denied
    assert not any(everything(aws).values())


def test_scale(operator: Operator, aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Scale")
    aws.set_groups(warm_up=0, terminate=0)
    group_of(aws, 2)
    bounds = {"name": "web", "min": 1, "max": 4}

    _run, (grown,) = operator.do({"autoscaling_group_capacity": {**bounds, "desired": 3, "record": "out"}})
    aws.client("autoscaling").delete_tags(Tags=[{"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "eventops:scale"}])
    with faulty(aws.url) as proxy:
        proxy.fail("denied", calls=["SetDesiredCapacity"])
        _run, (looked, refused) = operator.do(
            {"autoscaling_group_capacity_info": {"name": "web"}},
            {"autoscaling_group_capacity": {**bounds, "desired": 2, "record": "in", "endpoint_url": proxy.url}},
        )

    assert (grown["changed"], looked["failed"], refused["failed"]) == (True, False, True)
    assert desired(aws) == 3
    assert calls.denied == []
    assert calls.unused(sections()["Scale"]) == []


def test_remediate(operator: Operator, aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Remediate", tags=TAGS)
    aws.set_status_checks(initializing=0)
    aws.set_groups(warm_up=0, terminate=0)
    rebooted, stopped, replaced = group_of(aws, 3)
    aws.fail_status_check(rebooted, "instance", "reboot")
    aws.fail_status_check(stopped, "system", "stop")
    aws.fail_status_check(replaced, "instance", "never")

    # A run that was killed has left it on standby, out of the capacity, which the replacement puts right.
    begun = time.strftime("stop_start %Y-%m-%dT%H:%M:%SZ web", time.gmtime())
    aws.client("ec2").create_tags(Resources=[replaced], Tags=[{"Key": "eventops:remediate", "Value": begun}])
    aws.client("autoscaling").enter_standby(AutoScalingGroupName="web", InstanceIds=[replaced], ShouldDecrementDesiredCapacity=True)

    def step(name: str, instance: str) -> dict:
        return {"ec2_instance_recovery": {"instance_id": instance, "step": name, "allow": ["change_public_ip", "replace"], **QUICK}}

    _run, (seen, first, second, third) = operator.do(
        {"ec2_instance_health_info": {"instance_id": rebooted, "console_lines": 5}},
        step("reboot", rebooted),
        step("stop_start", stopped),
        step("replace", replaced),
    )

    assert [each.get("failed", False) for each in (seen, first, second, third)] == [False] * 4, (seen, first, second, third)
    assert len(members(aws)) == 3
    assert replaced not in members(aws)
    assert calls.denied == []
    assert calls.unused(sections()["Remediate"]) == []


def test_remediate_touches_nothing_without_the_tag(operator: Operator, aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Remediate", tags={"eventops": "mine"})
    aws.set_groups(warm_up=0)
    (instance,) = group_of(aws, 1)
    aws.fail_status_check(instance, "instance", "reboot")

    _run, (refused,) = operator.do({"ec2_instance_recovery": {"instance_id": instance, "step": "reboot", **QUICK}})

    assert refused["failed"]
    assert [each.partition(" ")[0] for each in calls.denied] == ["ec2:RebootInstances"]


def test_growing_volumes(operator: Operator, aws: RunningAws, under: Callable[..., Calls]) -> None:
    calls = under("Growing volumes", tags=TAGS)
    ec2 = aws.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (made,) = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"]
    (volume,) = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [made["InstanceId"]]}])["Volumes"]
    grow = {"instance_id": made["InstanceId"], "volume_id": volume["VolumeId"], "step": "10", "max_size": 100, **QUICK}

    _run, (grown,) = operator.do({"ec2_volume_growth": grow})

    assert grown["changed"], grown
    assert ec2.describe_volumes(VolumeIds=[volume["VolumeId"]])["Volumes"][0]["Size"] == volume["Size"] + 10
    assert calls.denied == []
    assert calls.unused(sections()["Growing volumes"]) == []


def test_invoke_function(operator: Operator, under: Callable[..., Calls]) -> None:
    calls = under("invoke_function")
    with running_functions() as functions:
        functions.handlers.update(drain=lambda _payload: "done", other=lambda _payload: "done")
        at = {"endpoint_url": functions.url}
        _run, (done, other_version, other) = operator.do(
            {"aws_lambda_invoke": {"function": "drain", "qualifier": "live", **at}},
            {"aws_lambda_invoke": {"function": "drain", **at}},
            {"aws_lambda_invoke": {"function": "other", "qualifier": "live", **at}},
        )

        assert (done["result"], other_version["failed"], other["failed"]) == ("done", True, True)
        assert len(functions.ran) == 1
    assert calls.unused(sections()["invoke_function"]) == []
