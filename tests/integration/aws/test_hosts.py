# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts from AWS: which host of the inventory an event is about, by what AWS says of the thing that it names."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

from .looked_up import NO_SUCH_INSTANCE, Machines, Reader, alarm, happened, place_at, with_directory

BY_NAME = [{"label": "InstanceId", "by": "tag:Name"}, {"path": "detail.instance-id", "by": "tag:Name"}, "none"]


@pytest.fixture(autouse=True)
def _environment(aws, monkeypatch):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="machines")
def _machines(aws):
    return Machines(aws.client("ec2"))


def hosts_of(aws, rules, inventory, *payloads, places=None):
    """Return the hosts of payloads that come together to the first place."""
    places = places or [place_at(aws.url)]

    async def scene(directory, health):
        found = await Reader(directory, places[0], rules, inventory).hosts(*payloads)
        assert not health.ever
        return found

    return with_directory(places, scene)


def test_an_instance_is_the_host_that_has_its_name(aws, machines):
    (one,), (two,), (three,) = machines.run(Name="web-01"), machines.run(Name="web-02"), machines.run()
    inventory = {"web-01": {}, "web-02": {}}
    payloads = [alarm(InstanceId=one), happened({"instance-id": two}), alarm(InstanceId=three), alarm(InstanceId=NO_SUCH_INSTANCE), alarm(LoadBalancer="x")]
    assert hosts_of(aws, BY_NAME, inventory, *payloads) == [("web-01",), ("web-02",), (three,), (NO_SUCH_INSTANCE,), ()]
    assert aws.calls()["DescribeInstances"] == 2, "one that does not exist took no other with it"


def test_it_may_be_by_its_address_its_private_name_or_a_variable_of_the_host(aws, machines):
    (one,) = machines.run(nickname="lion")
    described = machines.describe(one)[one]
    inventory = {"web-01": {"ansible_host": described["PrivateIpAddress"], "nick": "lion"}, described["PrivateDnsName"]: {}}

    def host(**rule):
        return hosts_of(aws, [{"label": "InstanceId", **rule}], inventory, alarm(InstanceId=one))[0]

    assert host(by="private_ip_address") == ("web-01",)
    assert host(by="private_dns_name") == (described["PrivateDnsName"],)
    assert host(by="tag:nickname", hostvar="nick") == ("web-01",)
    assert host(by="instance_id") == (one,)
    assert host(by="tag:nickname", hostvar="other") == (one,)


def test_a_name_that_two_instances_have_is_nobodys_until_one_of_them_is_gone(aws, machines):
    one, two = machines.run(2, Name="web-01")
    ask = [aws, BY_NAME, {"web-01": {}}, alarm(InstanceId=one), alarm(InstanceId=two)]
    assert hosts_of(*ask) == [(one,), (two,)]
    machines.ec2.stop_instances(InstanceIds=[two])
    assert hosts_of(*ask) == [(one,), (two,)], "a stopped one comes back"
    machines.ec2.terminate_instances(InstanceIds=[two])
    assert hosts_of(*ask) == [("web-01",), (two,)]


def test_the_event_says_why_its_host_is_not_known(aws, machines):
    one, two = machines.run(2, Name="web-01")

    async def scene(directory, health):
        (event,) = await Reader(directory, place_at(aws.url), BY_NAME, {"web-01": {}}).events([alarm(InstanceId=one)])
        return event

    event = with_directory([place_at(aws.url)], scene)
    assert event.data["unresolved"] == f"{one}: not only this instance has the tag Name 'web-01', but {two}, too: nobody knows which host is meant"


def test_a_tag_with_wildcards_is_only_a_tag(aws, machines):
    (star,), (_other,) = machines.run(Name="web-*"), machines.run(Name="web-01")
    assert hosts_of(aws, BY_NAME, {"web-01": {}}, alarm(InstanceId=star)) == [(star,)]


def test_a_group_is_all_its_instances_or_what_its_own_tag_names(aws, machines):
    autoscaling = aws.client("autoscaling")
    image = machines.ec2.describe_images()["Images"][0]["ImageId"]
    autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
    tags = [{"Key": "manager", "Value": "web-manager", "PropagateAtLaunch": False}]
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="web", MinSize=0, MaxSize=3, DesiredCapacity=2, AvailabilityZones=[f"{REGION}a"], Tags=tags
    )
    group = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"][0]
    inventory = {"web-manager": {}}
    for number, each in enumerate(group["Instances"]):
        machines.ec2.create_tags(Resources=[each["InstanceId"]], Tags=[{"Key": "Name", "Value": f"web-0{number}"}])
        inventory[f"web-0{number}"] = {}
    by_instances = [{"label": "AutoScalingGroupName", "by": "tag:Name", "instances": True}]
    by_tag = [{"path": "resources", "by": "tag:manager"}]
    assert sorted(hosts_of(aws, by_instances, inventory, alarm(AutoScalingGroupName="web"))[0]) == ["web-00", "web-01"]
    assert hosts_of(aws, by_instances, inventory, alarm(AutoScalingGroupName="other")) == [("AutoScalingGroupName=other",)]
    assert hosts_of(aws, by_tag, inventory, happened({}, [group["AutoScalingGroupARN"]])) == [("web-manager",)]


def test_a_task_of_ecs_is_the_instance_that_it_runs_on(aws, machines):
    (one,) = machines.run(Name="ecs-01")
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="shop")
    document = json.dumps({"instanceId": one, "region": REGION, "accountId": ACCOUNT})
    container = ecs.register_container_instance(cluster="shop", instanceIdentityDocument=document)["containerInstance"]["containerInstanceArn"]
    ecs.register_task_definition(family="cart", containerDefinitions=[{"name": "cart", "image": "cart", "memory": 128, "cpu": 10}])
    task = ecs.run_task(cluster="shop", taskDefinition="cart", launchType="EC2")["tasks"][0]["taskArn"]
    gone = task[:-4] + "dead"
    rules = [{"path": "detail.taskArn", "by": "tag:Name"}, {"path": "detail.containerInstanceArn", "by": "tag:Name"}]
    events = [happened({"taskArn": arn}, source="aws.ecs") for arn in (task, gone, task.replace("task/shop", "task/none"))]
    found = hosts_of(aws, rules, {"ecs-01": {}}, *events, happened({"containerInstanceArn": container}, source="aws.ecs"))
    assert found == [("ecs-01",), (gone,), (task.replace("task/shop", "task/none"),), ("ecs-01",)]
    cluster = [{"label": "ClusterName", "by": "tag:Name", "instances": True}]
    assert hosts_of(aws, cluster, {"ecs-01": {}}, alarm(ClusterName="shop"), alarm(ClusterName="none")) == [("ecs-01",), ("ClusterName=none",)]


def test_a_database_is_what_its_tag_names(aws):
    rds = aws.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, Tags=[{"Key": "host", "Value": "db-01"}]
    )
    rds.create_db_cluster(
        DBClusterIdentifier="stock",
        Engine="aurora-postgresql",
        MasterUsername="admin1",
        MasterUserPassword="not-a-secret",
        Tags=[{"Key": "host", "Value": "db-02"}],
    )
    rules = [{"label": label, "by": "tag:host"} for label in ("DBInstanceIdentifier", "DBClusterIdentifier")]
    payloads = [alarm(DBInstanceIdentifier="orders"), alarm(DBClusterIdentifier="stock"), alarm(DBInstanceIdentifier="none")]
    assert hosts_of(aws, rules, {"db-01": {}, "db-02": {}}, *payloads) == [("db-01",), ("db-02",), ("DBInstanceIdentifier=none",)]


def test_anything_with_an_arn_is_what_its_tag_names(aws, machines):
    subnets = [each["SubnetId"] for each in machines.ec2.describe_subnets()["Subnets"][:2]]
    tags = [{"Key": "host", "Value": "edge-01"}]
    balancer = aws.client("elbv2").create_load_balancer(Name="shop", Subnets=subnets, Tags=tags)["LoadBalancers"][0]["LoadBalancerArn"]
    rules = [{"label": "LoadBalancer", "by": "tag:host"}, {"path": "resources", "by": "tag:host"}]
    dimension = balancer.partition(":loadbalancer/")[2]
    payloads = [alarm(LoadBalancer=dimension), happened({}, [balancer]), alarm(LoadBalancer="app/none/0123456789abcdef")]
    assert hosts_of(aws, rules, {"edge-01": {}}, *payloads) == [("edge-01",), ("edge-01",), ("LoadBalancer=app/none/0123456789abcdef",)]


def test_an_instance_that_is_tagged_as_another_host_or_as_the_controller_is_neither(aws, machines):
    (database,), (as_database,), (as_controller,) = machines.run(role="db"), machines.run(Name="db-01"), machines.run(Name="localhost")
    inventory = {"localhost": {"instance_id": database}, "db-01": {"instance_id": database}}
    rules = [{"hostvar": "instance_id", "label": "InstanceId"}, *BY_NAME]
    assert hosts_of(aws, rules, inventory, alarm(InstanceId=as_database), alarm(InstanceId=as_controller)) == [(as_database,), (as_controller,)]
    assert hosts_of(aws, rules, {"db-01": {"instance_id": as_database}}, alarm(InstanceId=as_database)) == [("db-01",)]
    assert hosts_of(aws, BY_NAME, {"db-01": {}}, alarm(InstanceId=as_database)) == [("db-01",)], "the inventory does not say which one it is"
