# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts from several accounts and regions: an id is found wherever it is, a name is taken from nobody else."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

from .looked_up import OTHER_ACCOUNT, OTHER_REGION, Machines, Reader, alarm, place_at, with_directory

BY_NAME = [{"label": "InstanceId", "by": "tag:Name"}]


@pytest.fixture(autouse=True)
def _environment(aws, monkeypatch):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="places")
def _places(aws):
    return [place_at(aws.url), place_at(aws.url, OTHER_REGION), place_at(aws.url, account=OTHER_ACCOUNT)]


def hosts_of(places, rules, inventory, *payloads):
    async def scene(directory, _health):
        return await Reader(directory, places[0], rules, inventory).hosts(*payloads)

    return with_directory(places, scene)


def test_an_instance_is_found_wherever_it_is(aws, places):
    (there,) = Machines(aws.client("ec2", OTHER_REGION)).run(Name="web-01")
    (staging,) = Machines(aws.client("ec2", account=OTHER_ACCOUNT)).run(Name="web-02")
    inventory = {"web-01": {}, "web-02": {}}
    assert hosts_of(places, BY_NAME, inventory, alarm(InstanceId=there), alarm(InstanceId=staging)) == [("web-01",), ("web-02",)]
    assert hosts_of(places[:1], BY_NAME, inventory, alarm(InstanceId=there)) == [(there,)], "a source that does not work there does not see it"


def test_the_name_of_an_instance_elsewhere_is_not_taken_for_ours(aws, places):
    (here,) = Machines(aws.client("ec2")).run(Name="web-01")
    (staging,) = Machines(aws.client("ec2", account=OTHER_ACCOUNT)).run(Name="web-01")
    assert hosts_of(places, BY_NAME, {"web-01": {}}, alarm(InstanceId=here), alarm(InstanceId=staging)) == [(here,), (staging,)]
    assert hosts_of(places[:2], BY_NAME, {"web-01": {}}, alarm(InstanceId=here)) == [("web-01",)], "a source that does not work there does not see it"


def test_groups_of_one_name_are_told_apart_by_where_the_alarm_is(aws, places):
    for number, (region, account) in enumerate([(REGION, ACCOUNT), (OTHER_REGION, ACCOUNT), (REGION, OTHER_ACCOUNT)]):
        ec2, autoscaling = aws.client("ec2", region, account), aws.client("autoscaling", region, account)
        image = ec2.describe_images()["Images"][0]["ImageId"]
        autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
        tags = [{"Key": "manager", "Value": f"manager-{number}", "PropagateAtLaunch": False}]
        named = {"AutoScalingGroupName": "web", "LaunchConfigurationName": "web", "AvailabilityZones": [f"{region}a"], "Tags": tags}
        autoscaling.create_auto_scaling_group(MinSize=0, MaxSize=1, DesiredCapacity=0, **named)
    rules = [{"label": "AutoScalingGroupName", "by": "tag:manager"}]
    origins = [(REGION, ACCOUNT), (OTHER_REGION, ACCOUNT), (REGION, OTHER_ACCOUNT), (REGION, "333333333333")]
    payloads = [alarm(AutoScalingGroupName="web", region=region, account=account) for region, account in origins]
    inventory = {f"manager-{number}": {} for number in range(3)}
    assert hosts_of(places, rules, inventory, *payloads) == [("manager-0",), ("manager-1",), ("manager-2",), ("AutoScalingGroupName=web",)]
