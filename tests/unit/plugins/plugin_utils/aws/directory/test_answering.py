# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How something of AWS is called; nothing is guessed."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Lost, Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.answering import NotYet
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import HOLDERS, MACHINES, TASKS, Absent, Group, Key, Listed, Tagged
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import ANYTHING, CONTAINER_INSTANCE, DATABASE, GROUP, INSTANCE, TASK
from hypothesis import given
from hypothesis import strategies as st

from .world import HERE, ONE, STAGING, THERE, THREE, TWO, World


def test_an_instance_is_called_by_what_the_rule_says():
    world = World()
    world.instance(ONE, dns="ip-10-0-0-1.internal", ip="10.0.0.1", Name="web-01", owner="ops")
    assert world.names(ONE) == ["web-01"]
    assert world.names(ONE, by="tag:owner") == ["ops"]
    assert world.names(ONE, by="private_dns_name") == ["ip-10-0-0-1.internal"]
    assert world.names(ONE, by="private_ip_address") == ["10.0.0.1"]
    assert world.names(f"arn:aws:ec2:eu-central-1:111111111111:instance/{ONE}", of="resources") == ["web-01"]


def test_its_id_needs_no_request():
    world = World()
    assert world.names(ONE, by="instance_id") == [ONE]
    assert world.looked == []


def test_a_name_that_two_instances_have_is_nobodys():
    world = World()
    world.instance(ONE, Name="web-01", ip="10.0.0.1")
    world.instance(TWO, Name="web-01", ip="10.0.0.2")
    assert f"tag Name 'web-01', but {TWO}, too" in world.why(ONE)
    assert f"tag Name 'web-01', but {ONE}, too" in world.why(TWO)
    assert world.names(ONE, by="private_ip_address") == ["10.0.0.1"]


def test_a_name_is_nobodys_either_where_the_other_one_is_in_another_account_or_region():
    world = World(HERE, THERE, STAGING)
    world.instance(ONE, ip="172.31.0.5", Name="web-01")
    world.instance(TWO, place=THERE, ip="172.31.0.5", Name="web-02")
    world.instance(THREE, place=STAGING, ip="10.0.0.3", Name="web-01")
    assert THREE in world.why(ONE)
    assert TWO in world.why(ONE, by="private_ip_address")
    assert world.names(TWO) == ["web-02"], "from another region than the event, by its id"


def test_a_name_is_not_taken_while_it_cannot_be_told_who_else_has_it():
    world = World(HERE, STAGING)
    world.instance(ONE, Name="web-01")
    world.facts[STAGING, Key(HOLDERS, "web-01", "tag:Name")] = Absent("AWS does not let us ask")
    assert "cannot be told: AWS does not let us ask" in world.why(ONE)


def test_a_name_that_has_just_been_taken_away_is_not_used():
    world = World()
    world.instance(ONE, Name="web-01")
    world.facts[HERE, Key(HOLDERS, "web-01", "tag:Name")] = Listed(())
    assert "has just been taken from it" in world.why(ONE)


def test_what_is_not_there_or_has_no_such_name_says_so():
    world = World()
    world.instance(ONE)
    assert world.why(TWO) == "there is no such instance"
    assert world.why(ONE) == "has no tag Name"
    assert world.why(ONE, by="private_dns_name") == "has no private_dns_name"
    assert "is no instance, no ARN" in world.why("web-01", of="host")
    assert "has no private_ip_address; write tag:KEY" in world.why("group", by="private_ip_address", of="AutoScalingGroupName")


def test_a_group_has_a_name_of_its_own_and_instances():
    world = World()
    world.facts[HERE, Key(GROUP, "web")] = Group({"host": "web-manager"}, (ONE, TWO, THREE))
    world.instance(ONE, Name="web-01")
    world.instance(TWO, Name="web-02")
    assert world.names("web", by="tag:host", of="AutoScalingGroupName") == ["web-manager"]
    answer = world.ask("web", of="AutoScalingGroupName", instances=True)
    assert answer.names == (("web-01", ONE), ("web-02", TWO))
    assert answer.lost == (Lost(THREE, "there is no such instance"),)
    arn = "arn:aws:autoscaling:eu-central-1:111111111111:autoScalingGroup:0b5c-1:autoScalingGroupName/web"
    assert world.names(arn, by="tag:host", of="resources") == ["web-manager"]


def test_a_group_without_instances_leads_nowhere():
    world = World()
    world.facts[HERE, Key(GROUP, "web")] = Group()
    assert world.why("web", of="AutoScalingGroupName", instances=True) == "has no instance in service"


def test_what_has_a_name_of_its_own_in_each_account_is_looked_for_where_the_event_comes_from_only():
    world = World(HERE, THERE, STAGING)
    for place in world.places:
        world.facts[place, Key(GROUP, "web")] = Group({"host": f"{place.account}-{place.region}"})

    def host(region="", account=""):
        return world.ask("web", by="tag:host", of="AutoScalingGroupName", origin=Origin(region, account))

    assert host().names == (("production-eu-central-1", "web"),)
    assert host("us-east-1", "111111111111").names == (("production-us-east-1", "web"),)
    assert host("eu-central-1", "222222222222").names == (("staging-eu-central-1", "web"),)
    assert "'333333333333/eu-central-1', where this source has no account" in host("eu-central-1", "333333333333").lost[0].why
    assert "'us-east-1', where this source has no account" in host("us-east-1").lost[0].why, "whose region us-east-1, nobody has said"


def test_a_task_is_the_instance_that_it_runs_on():
    task, container = "arn:aws:ecs:eu-central-1:111111111111:task/shop/" + "a" * 32, "arn:aws:ecs:eu-central-1:111111111111:container-instance/shop/" + "b" * 32
    world = World()
    world.instance(ONE, Name="ecs-01")
    world.facts[HERE, Key(TASK, task, "shop")] = Listed((container,))
    world.facts[HERE, Key(CONTAINER_INSTANCE, container, "shop")] = Listed((ONE,))
    world.facts[HERE, Key(TASK, "a" * 32, "shop")] = Absent("runs on no instance, but on Fargate")
    world.facts[HERE, Key(TASKS, "cart", "shop")] = Listed((task,))
    world.facts[HERE, Key(MACHINES, "shop", "shop")] = Listed((container,))
    assert world.names(task, of="taskArn") == ["ecs-01"]
    assert world.names(container, of="containerInstanceArn") == ["ecs-01"]
    assert world.why("a" * 32, of="TaskId", ClusterName="shop") == "runs on no instance, but on Fargate"
    assert world.names("cart", of="ServiceName", ClusterName="shop", instances=True) == ["ecs-01"]
    assert world.names("shop", of="ClusterName", instances=True) == ["ecs-01"]
    assert "is in 'us-west-2', where this source has no account" in world.why(task.replace("eu-central-1", "us-west-2"), of="taskArn")


def test_anything_with_an_arn_may_have_a_tag():
    world = World()
    arn = "arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/app/shop/50dc6c495c0c9188"
    world.facts[HERE, Key(ANYTHING, arn)] = Tagged({"host": "edge-01"})
    world.facts[HERE, Key(ANYTHING, "arn:aws:ecs:eu-central-1:111111111111:service/shop/cart")] = Tagged({"host": "shop-01"})
    world.facts[HERE, Key(DATABASE, "orders")] = Tagged({"host": "db-01"})
    assert world.names(arn, by="tag:host", of="resources") == ["edge-01"]
    assert world.names("app/shop/50dc6c495c0c9188", by="tag:host", of="LoadBalancer") == ["edge-01"], "with the account's number from AWS"
    assert world.names("cart", by="tag:host", of="ServiceName", ClusterName="shop") == ["shop-01"]
    assert world.names("orders", by="tag:host", of="DBInstanceIdentifier") == ["db-01"]
    assert world.names("arn:aws:rds:eu-central-1:111111111111:db:orders", by="tag:host", of="SourceArn") == ["db-01"]
    assert world.why(arn, by="tag:other", of="resources") == "has no tag other"
    assert world.why("orders", by="tag:host", of="DBInstanceIdentifier", instances=True) == "a database has no instances"


def test_other_partitions_of_aws_have_other_arns():
    world = World()
    china = type(HERE)("china", "cn-north-1", HERE.access)
    world.places = (china,)
    world.facts[china, Key(ANYTHING, "arn:aws-cn:ecs:cn-north-1:333333333333:service/shop/cart")] = Tagged({"host": "shop-01"})
    origin = Origin("cn-north-1", "")
    world.look = lambda place, key, look=world.look: type(look(HERE, Key("identity")))("333333333333") if key.kind == "identity" else look(place, key)
    assert world.names("cart", by="tag:host", of="ServiceName", place=china, origin=origin, ClusterName="shop") == ["shop-01"]


def test_all_that_is_not_known_yet_is_asked_for_at_once():
    world = World(HERE, THERE)
    world.facts[HERE, Key(GROUP, "web")] = Group({}, (ONE, TWO, THREE))
    real = world.look

    def look(place, key):
        fact = real(place, key)
        if key.kind == INSTANCE:
            raise NotYet
        return fact

    world.look = look
    with pytest.raises(NotYet):
        world.ask("web", of="AutoScalingGroupName", instances=True)
    assert [key.name for _place, key in world.looked if key.kind == INSTANCE] == [ONE, TWO, THREE]


@given(st.text(min_size=1, max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_what_others_write_is_one_line_of_a_log(name, region, account):
    world = World()
    world.instance(ONE, Name=name)
    world.instance(TWO, Name=name)
    for why in (world.why(ONE), world.why(ONE, by="tag:other")):
        assert why.isprintable() and len(why) < 1000
    for lost in world.ask("web", by="tag:host", of="AutoScalingGroupName", origin=Origin(region, account)).lost:
        assert lost.why.isprintable() and len(lost.why) < 1000
