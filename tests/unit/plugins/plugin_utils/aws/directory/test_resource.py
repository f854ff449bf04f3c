# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of AWS a value names."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import (
    ANYTHING,
    CLUSTER,
    CONTAINER_INSTANCE,
    DATABASE,
    DATABASE_CLUSTER,
    GROUP,
    INSTANCE,
    SERVICE,
    TASK,
    Resource,
    resource_of,
)
from hypothesis import given
from hypothesis import strategies as st

HERE = {"region": "eu-central-1", "account": "123456789012"}
ECS = "arn:aws:ecs:eu-central-1:123456789012:"
TASK_ID = "0123456789abcdef0123456789abcdef"
OLD_TASK_ID = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("value", "of", "beside", "resource"),
    [
        ("i-0123456789abcdef0", "InstanceId", {}, Resource(INSTANCE, "i-0123456789abcdef0")),
        ("i-abcd1111", "whatever", {}, Resource(INSTANCE, "i-abcd1111")),
        ("arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-abcd1111", "", {}, Resource(INSTANCE, "i-abcd1111", "cn-north-1", "123456789012")),
        ("web servers (blue)", "AutoScalingGroupName", {}, Resource(GROUP, "web servers (blue)")),
        (
            "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:0b5c1234-aaaa:autoScalingGroupName/web",
            "resources",
            {},
            Resource(GROUP, "web", **HERE),
        ),
        ("Orders", "DBInstanceIdentifier", {}, Resource(DATABASE, "orders")),
        ("orders", "DBClusterIdentifier", {}, Resource(DATABASE_CLUSTER, "orders")),
        ("arn:aws:rds:eu-central-1:123456789012:db:orders", "SourceArn", {}, Resource(DATABASE, "orders", **HERE)),
        ("arn:aws:rds:eu-central-1:123456789012:cluster:orders", "SourceArn", {}, Resource(DATABASE_CLUSTER, "orders", **HERE)),
        ("arn:aws:rds:eu-central-1:123456789012:snapshot:x", "a", {}, Resource(ANYTHING, "arn:aws:rds:eu-central-1:123456789012:snapshot:x", **HERE)),
        (f"{ECS}task/shop/{TASK_ID}", "taskArn", {}, Resource(TASK, f"{ECS}task/shop/{TASK_ID}", cluster="shop", **HERE)),
        (f"{ECS}task/{OLD_TASK_ID}", "taskArn", {"ClusterName": "shop"}, Resource(TASK, f"{ECS}task/{OLD_TASK_ID}", cluster="shop", **HERE)),
        (TASK_ID, "TaskId", {"ClusterName": "shop"}, Resource(TASK, TASK_ID, cluster="shop")),
        (
            f"{ECS}container-instance/shop/{TASK_ID}",
            "containerInstanceArn",
            {},
            Resource(CONTAINER_INSTANCE, f"{ECS}container-instance/shop/{TASK_ID}", cluster="shop", **HERE),
        ),
        (f"{ECS}service/shop/cart", "a", {}, Resource(SERVICE, f"{ECS}service/shop/cart", cluster="shop", **HERE)),
        (f"{ECS}cluster/shop", "clusterArn", {}, Resource(CLUSTER, f"{ECS}cluster/shop", cluster="shop", **HERE)),
        ("cart", "ServiceName", {"ClusterName": "shop"}, Resource(SERVICE, "service/shop/cart", cluster="shop", service="ecs")),
        ("shop", "ClusterName", {"ServiceName": "cart"}, Resource(CLUSTER, "cluster/shop", cluster="shop", service="ecs")),
        (
            "app/shop/50dc6c495c0c9188",
            "LoadBalancer",
            {},
            Resource(ANYTHING, "loadbalancer/app/shop/50dc6c495c0c9188", service="elasticloadbalancing"),
        ),
        ("targetgroup/shop/50dc6c495c0c9188", "TargetGroup", {}, Resource(ANYTHING, "targetgroup/shop/50dc6c495c0c9188", service="elasticloadbalancing")),
        ("shop", "LoadBalancerName", {}, Resource(ANYTHING, "loadbalancer/shop", service="elasticloadbalancing")),
        ("arn:aws:s3:::bucket", "resources", {}, Resource(ANYTHING, "arn:aws:s3:::bucket")),
    ],
)
def test_it_is_told_by_its_look_or_its_dimension(value, of, beside, resource):
    assert resource_of(value, of, beside) == resource


@pytest.mark.parametrize(
    ("value", "of", "beside"),
    [
        ("web-01", "host", {}),
        ("i-1", "InstanceId", {}),
        ("i-0123456789abcdef0\n", "InstanceId", {}),
        ("i-0123456789ABCDEF0", "InstanceId", {}),
        ("cart", "ServiceName", {}),
        ("cart", "ServiceName", {"ClusterName": ["a", "b"]}),
        (f"{ECS}task/{OLD_TASK_ID}", "taskArn", {}),
        ("arn:aws:", "resources", {}),
        ("arn:aws:rds:eu-central-1:123456789012:db:", "SourceArn", {}),
        ("arn:aws:s3:::" + "x" * 1000, "resources", {}),
        ("arn:aws:s3:::two words", "resources", {}),
        ("web\x00", "AutoScalingGroupName", {}),
        ("", "AutoScalingGroupName", {}),
        ("orders; drop", "DBInstanceIdentifier", {}),
        ("app/shop", "LoadBalancer", {}),
    ],
)
def test_what_has_not_the_form_of_such_a_name_is_not_asked_for(value, of, beside):
    assert resource_of(value, of, beside) is None


@given(st.text(max_size=80), st.sampled_from(["InstanceId", "AutoScalingGroupName", "ServiceName", "LoadBalancer", "taskArn", "DBInstanceIdentifier"]))
def test_whatever_comes_can_be_read(value, of):
    found = resource_of(value, of, {"ClusterName": value})
    assert found is None or (found.name.isprintable() and found.name.isascii())


@given(st.text(max_size=80))
def test_whatever_comes_as_an_arn_can_be_read(rest):
    found = resource_of(f"arn:aws:ecs:eu-central-1:123456789012:{rest}", "resources", {})
    assert found is None or (found.name.isprintable() and found.name.isascii())
