# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate where the way to AWS is bad, or AWS does not grant everything: steps are finished, and what cannot be done is said."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import FaultyProxy, RunningAws, faulty
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.integration.roles.instances import changes, launch, state
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site


@pytest.fixture
def proxy(aws: RunningAws) -> Iterator[FaultyProxy]:
    """Return a way to an AWS with nothing in it."""
    with faulty(aws.url) as proxy:
        yield proxy


def remediate(site: Site, proxy: FaultyProxy, instance: str, **variables: object) -> Run:
    quick = {"remediate_reboot_timeout": 5, "remediate_stop_start_timeout": 60, "remediate_aws_interval": 1}
    site.inventory({"web-01": {"instance_id": instance, **quick, **variables}})
    return site.play("eventops.infra.remediate", limit="web-01", variables={"remediate_problem": "InstanceDown"}, **proxy.environment)


def test_a_stop_and_start_is_finished_although_requests_fail(site, aws, proxy):
    instance = launch(aws)
    aws.fail_status_check(instance, "system", "stop")
    proxy.fail("reset", share=0.15)
    proxy.fail("throttled", calls=["DescribeInstanceStatus"], times=2)
    # It is carried out, and the client does not know.
    proxy.fail("internal", calls=["StopInstances"], times=1, after=True)

    run = remediate(site, proxy, instance)

    assert run.rc == 0, run.output
    assert state(aws, instance) == "running"
    assert aws.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance]}])["Tags"] == []


def test_what_is_not_granted_is_said_and_what_is_granted_is_done(site, aws, proxy):
    instance = launch(aws)
    aws.fail_status_check(instance, "instance", "stop")
    proxy.fail("denied", calls=["GetConsoleOutput", "CreateTags"])

    run = remediate(site, proxy, instance)

    assert run.of("failed") == {"web-01": 1}
    # Without its mark it would stay stopped if the run were killed then: it is not stopped.
    assert changes(aws)["RebootInstances"] == 1
    assert state(aws, instance) == "running"
    assert "AWS refused GetConsoleOutput" in run.text
    assert "stopping and starting it failed: AWS refused CreateTags" in run.text


def test_without_a_way_to_aws_nothing_is_done_and_it_is_said(site, aws, proxy):
    instance = launch(aws)
    aws.fail_status_check(instance, "instance", "reboot")
    aws.forget_calls()

    with proxy.down():
        run = remediate(site, proxy, instance)

    assert run.of("failed") == {"web-01": 1}
    assert "AWS could not be asked" in run.text
    assert changes(aws) == {}


def test_a_run_that_is_killed_while_the_instance_is_stopped_is_finished_by_the_next_one(site, aws, proxy):
    instance = launch(aws)
    aws.fail_status_check(instance, "system", "stop")
    hangs = proxy.fail("hang", calls=["StartInstances"])
    run = threading.Thread(target=remediate, args=(site, proxy, instance))
    run.start()
    wait_until(lambda: state(aws, instance) == "stopped" and hangs.hits, "the instance to be stopped and not started", 120)

    processes.end_all(site.env[processes.VARIABLE])
    run.join()
    assert state(aws, instance) == "stopped"
    proxy.heal()
    again = remediate(site, proxy, instance)

    assert again.rc == 0, again.output
    assert state(aws, instance) == "running"
    assert aws.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance]}])["Tags"] == []
