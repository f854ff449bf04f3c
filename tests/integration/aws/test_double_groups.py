# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Auto Scaling groups of the double of AWS take their time, and tell of it, as documented."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def group(aws):
    ec2 = aws.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchTemplate={"LaunchTemplateName": "web"}, MinSize=1, MaxSize=4, DesiredCapacity=2, AvailabilityZones=["eu-central-1a"]
    )
    return aws.client("autoscaling")


def lifecycle(client):
    (found,) = client.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return [instance["LifecycleState"] for instance in found["Instances"]]


def activities(client):
    return client.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]


def test_a_group_grows_with_activities_that_take_their_time(aws, group, eventually):
    aws.set_groups(warm_up=1.0)
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    assert lifecycle(group) == ["InService", "InService", "Pending"]
    assert [each["StatusCode"] for each in activities(group)] == ["InProgress", "Successful", "Successful"]
    assert activities(group)[0]["Description"].startswith("Launching a new EC2 instance: i-")
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)  # what is pending is not launched twice
    assert len(lifecycle(group)) == 3
    eventually(lambda: lifecycle(group) == ["InService"] * 3 and activities(group)[0]["StatusCode"] == "Successful")


def test_a_group_shrinks_with_activities_that_take_their_time(aws, group, eventually):
    aws.set_groups(terminate=1.0)
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    assert lifecycle(group) == ["InService", "Terminating"]
    assert (activities(group)[0]["StatusCode"], activities(group)[0]["Description"][:11]) == ("InProgress", "Terminating")
    eventually(lambda: lifecycle(group) == ["InService"] and activities(group)[0]["StatusCode"] == "Successful")


def test_a_group_tells_of_an_instance_that_is_put_on_standby_and_taken_from_there(group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    one = found["Instances"][0]["InstanceId"]
    group.enter_standby(AutoScalingGroupName="web", InstanceIds=[one], ShouldDecrementDesiredCapacity=True)
    assert sorted(lifecycle(group)) == ["InService", "Standby"]
    assert activities(group)[0]["Description"] == f"Moving EC2 instance to Standby: {one}"
    assert activities(group)[0]["Cause"].endswith("shrinking the capacity from 2 to 1.")
    group.exit_standby(AutoScalingGroupName="web", InstanceIds=[one])
    assert activities(group)[0]["Description"] == f"Moving EC2 instance out of Standby: {one}"


def test_a_group_tells_of_an_instance_that_it_was_told_to_end_and_of_the_one_that_comes_instead(group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    one = found["Instances"][0]["InstanceId"]
    group.terminate_instance_in_auto_scaling_group(InstanceId=one, ShouldDecrementDesiredCapacity=False)
    newest, before = activities(group)[:2]
    assert newest["Description"].startswith("Launching a new EC2 instance: i-")
    assert before["Description"] == f"Terminating EC2 instance: {one}"
    assert len(lifecycle(group)) == 2


def test_a_group_that_gets_no_instance_tells_why(aws, group):
    aws.set_groups(launches_fail="We currently do not have sufficient capacity.")
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    assert (activities(group)[0]["StatusCode"], activities(group)[0]["StatusMessage"]) == ("Failed", "We currently do not have sufficient capacity.")
    assert len(lifecycle(group)) == 2


def test_a_group_keeps_protected_instances_and_tells(aws, group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    ids = [instance["InstanceId"] for instance in found["Instances"]]
    group.set_instance_protection(AutoScalingGroupName="web", InstanceIds=ids, ProtectedFromScaleIn=True)
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    assert len(lifecycle(group)) == 2
    assert "protected from scale in" in activities(group)[0]["StatusMessage"]


@pytest.mark.parametrize("capacity", [0, 5])
def test_a_group_refuses_what_is_outside_its_bounds(group, capacity):
    with pytest.raises(ClientError, match="ValidationError"):
        group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=capacity)
    assert len(lifecycle(group)) == 2


def test_a_group_honours_its_cooldown_when_it_is_asked_to(group):
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    with pytest.raises(ClientError, match="ScalingActivityInProgress"):
        group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=4, HonorCooldown=True)


def test_a_group_that_is_not_there_is_refused(aws):
    with pytest.raises(ClientError, match="ValidationError"):
        aws.client("autoscaling").set_desired_capacity(AutoScalingGroupName="nobody", DesiredCapacity=1)


def test_an_unhealthy_instance_is_replaced(aws, group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    ill = found["Instances"][0]["InstanceId"]
    group.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy")
    (after,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert ill not in [instance["InstanceId"] for instance in after["Instances"]]
    assert len(after["Instances"]) == 2
    assert aws.client("ec2").describe_instances(InstanceIds=[ill])["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"
