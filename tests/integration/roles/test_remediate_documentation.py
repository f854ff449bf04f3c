# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/remediate.md shows of the inventory, run as it is shown but for places, names and sizes that a test's machine cannot have."""

from __future__ import annotations

import getpass
import os
import re
import time
import uuid
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.integration.roles.hungry import Hungry, share_of_memory, used_percent
from ansible_collections.eventops.infra.tests.integration.roles.mounted import fill, in_memory, needs_mounting

PAGE = "remediate.md"
ROLE = Path(__file__).absolute().parents[3] / "roles" / "remediate"


def options() -> dict:
    return yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]


def shown(beginning: str, places: dict[str, str]) -> dict:
    return yaml.safe_load(changed(block(PAGE, "yaml", beginning), places))


def test_an_instance_is_replaced_by_its_group_when_nothing_else_has_helped(site, aws):
    ec2, autoscaling = aws.client("ec2"), aws.client("autoscaling")
    [image] = ec2.describe_images(Owners=["amazon"])["Images"][:1]
    [zone] = ec2.describe_availability_zones()["AvailabilityZones"][:1]
    autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image["ImageId"], InstanceType="t3.micro")
    sizes = {"MinSize": 1, "MaxSize": 2, "DesiredCapacity": 1}
    autoscaling.create_auto_scaling_group(AutoScalingGroupName="web", LaunchConfigurationName="web", AvailabilityZones=[zone["ZoneName"]], **sizes)
    [member] = autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    aws.fail_status_check(member["InstanceId"], "system", "never")
    host = shown("# host_vars/web-01.yml", {"i-0123456789abcdef0": member["InstanceId"], "eu-central-1": aws.environment["AWS_REGION"]})
    site.inventory({"web-01": {**host, "remediate_aws_interval": 1}})

    run = site.play("eventops.infra.remediate", limit="web-01", variables={"remediate_problem": "InstanceDown"}, **aws.environment)

    assert run.rc == 0, run.output
    [new] = autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    assert new["InstanceId"] != member["InstanceId"]


@needs_mounting
def test_a_filesystem_is_cleaned_up_in_the_order_of_the_page(site, directory, tmp_path):
    log = tmp_path / "called"
    for program in ("apt-get", "journalctl", "logrotate"):
        path = tmp_path / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\necho {program} >> {log}\n')
        path.chmod(0o755)
    with in_memory(directory / "full", 20) as full:
        old, new = fill(full / "cache" / "builds" / "old", 10), fill(full / "cache" / "builds" / "new", 8)
        os.utime(old, (time.time() - 30 * 86_400,) * 2)
        host = shown("# host_vars/db-01.yml", {"mount: /var": f"mount: '{full}'", "/var/cache/builds": f"'{full}/cache/builds'"})
        site.inventory({"db-01": host})

        run = site.play(
            "eventops.infra.remediate",
            limit="db-01",
            variables={"remediate_problem": "DiskFull", "remediate_mount": str(full)},
            PATH=f"{tmp_path}/bin:{site.env['PATH']}",
        )

        assert run.rc == 0, run.output
        assert (old.exists(), new.exists()) == (False, True)
    assert log.read_text().split() == ["apt-get", "journalctl", "logrotate"]
    assert "clean (cleaning up: old builds)" in run.text


def test_what_uses_the_memory_up_is_restarted(site, directory, env):
    batch = Hungry(directory / "batch", f"batch-{uuid.uuid4().hex[:6]}", env)
    threshold = min(used_percent() + 4, 99)
    batch.start("memory", share_of_memory(8))
    places = {
        "process: batch": f"process: {batch.name}",
        "user: batch": f"user: {getpass.getuser()}",
        "/opt/batch/restart": f"'{batch.restarts}'",
        "memory: 30%": "memory: 3%",
    }
    site.inventory({"app-01": shown("# host_vars/app-01.yml", places)})

    run = site.play(
        "eventops.infra.remediate",
        limit="app-01",
        variables={"remediate_problem": "MemoryExhausted", "remediate_memory_threshold": threshold, "remediate_sample": 1, "remediate_wait": 20},
    )

    assert run.rc == 0, run.output
    assert batch.started_again
    assert re.search(r"restart \(restarting the systemd unit app\.service\), \d+ s: skipped: it does not run", run.text)


@pytest.mark.parametrize("beginning", ["# host_vars/web-01.yml", "# host_vars/db-01.yml", "# host_vars/app-01.yml"])
def test_the_variables_of_the_page_are_those_of_the_role(beginning):
    known = {*options(), "instance_id", "eventops_filesystems", "eventops_restartable"}

    assert set(shown(beginning, {})) <= known


def test_the_rule_of_the_page_gives_what_the_role_takes():
    [rule] = shown("# rules of a rulebook", {})
    given = rule["action"]["run_playbook"]["extra_vars"]

    assert given["remediate_problem"] in options()["remediate_problem"]["choices"]
    assert set(given) <= set(options())


def test_every_default_is_that_of_the_specification_and_is_named_on_a_page():
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    pages = (ROLE / "README.md").read_text(encoding="utf-8")

    for name, option in options().items():
        assert f"`{name}`" in pages, name
        # Those that are computed have no default to compare.
        if "default" in option and "{{" not in str(defaults[name]):
            assert defaults[name] == option["default"], name
    assert set(defaults) | {"remediate_problem"} == set(options())
