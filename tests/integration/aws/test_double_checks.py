# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Status checks of the double of AWS fail, and are cleared by what clears them."""

from __future__ import annotations

import pytest


@pytest.fixture
def instance(aws):
    ec2 = aws.client("ec2")
    return ec2.run_instances(ImageId=ec2.describe_images()["Images"][0]["ImageId"], MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]


def checks(aws, instance):
    (found,) = aws.client("ec2").describe_instance_status(InstanceIds=[instance], IncludeAllInstances=True)["InstanceStatuses"]
    return found["InstanceStatus"]["Status"], found["SystemStatus"]["Status"]


@pytest.mark.parametrize(("cleared_by", "after_reboot", "after_start"), [("reboot", "ok", "ok"), ("stop", "impaired", "ok"), ("never", "impaired", "impaired")])
def test_a_failed_check_is_cleared_by_what_clears_it(aws, instance, cleared_by, after_reboot, after_start):
    ec2 = aws.client("ec2")
    aws.fail_status_check(instance, cleared_by=cleared_by)
    assert checks(aws, instance) == ("impaired", "ok")
    ec2.reboot_instances(InstanceIds=[instance])
    assert checks(aws, instance)[0] == after_reboot
    ec2.stop_instances(InstanceIds=[instance])
    assert checks(aws, instance) == ("not-applicable", "not-applicable")
    ec2.start_instances(InstanceIds=[instance])
    assert checks(aws, instance)[0] == after_start


def test_checks_are_initializing_after_a_start(aws, instance, eventually):
    aws.set_status_checks(initializing=0.5)
    aws.client("ec2").reboot_instances(InstanceIds=[instance])
    assert checks(aws, instance) == ("initializing", "initializing")
    eventually(lambda: checks(aws, instance) == ("ok", "ok"))
