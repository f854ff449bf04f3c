# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done on the controller, and in AWS, is the inventory's word: no host that is remediated says anything else by what its modules return."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.roles.lying import lying
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site
from ansible_collections.eventops.infra.tests.integration.roles.volumes import launch, volume_of


@pytest.fixture
def instance(aws: RunningAws) -> str:
    return launch(aws)


def remediate(site: Site, aws: RunningAws, instance: str, tmp_path: Path, facts: dict, **variables: object) -> Run:
    """Remediate a filesystem that is always full, on a host that says these facts."""
    grow = {"commands": [["true"]], "volume": {"device": "/dev/sdf", "step": 1, "max_size": 4}}
    own = {"instance_id": instance, "remediate_aws_interval": 1, "remediate_grow_timeout": 20, "remediate_evidence_timeout": 1, **variables}
    entry = {"mount": "/", "threshold": 1, "clean": [{"command": ["true"]}], "grow": grow}
    site.inventory({"localhost": {}, "db-01": {**own, **lying(tmp_path, facts), "eventops_filesystems": [entry]}})
    return site.play("eventops.infra.remediate", limit="db-01", variables={"remediate_problem": "DiskFull"}, **aws.environment)


def test_it_chooses_no_other_instance_and_nobody_else_to_ask_for_it(site, aws, instance, tmp_path):
    other = launch(aws)
    facts = {
        "instance_id": other,
        "remediate_instance_variable": "other",
        "other": other,
        "remediate_endpoint_url": "http://127.0.0.1:9",
        "remediate_profile": "other",
        "remediate_role_arn": "arn:aws:iam::123456789012:role/other",
        "remediate_grow_timeout": 0,
        "remediate_aws_interval": 0,
        "placement": {"region": "us-west-2"},
    }

    run = remediate(site, aws, instance, tmp_path, facts)

    assert "nothing helped" in run.text
    assert (volume_of(aws, instance)["Size"], volume_of(aws, other)["Size"]) == (3, 2)


def test_it_allows_no_step(site, aws, instance, tmp_path):
    facts = {"remediate_steps": ["clean", "grow_volume"], "eventops_filesystems": []}

    run = remediate(site, aws, instance, tmp_path, facts, remediate_steps=["clean"])

    assert run.of("failed") == {"db-01": 1}
    assert volume_of(aws, instance)["Size"] == 2


@pytest.mark.parametrize("name", ["mine", "remediate_services_variable"])
def test_facts_that_were_gathered_before_run_nothing_on_the_controller(site, tmp_path, directory, name):
    """Facts beat what the inventory says: where one has a name of ours, nobody knows what the inventory would say."""
    evil = [{"name": "web", "check": {"command": ["touch", str(directory / "evil")]}, "start": {"command": ["true"]}}]
    good = [{"name": "web", "check": {"command": ["true"]}, "start": {"command": ["true"]}}]
    facts = {name: "theirs" if name.endswith("_variable") else evil, "theirs": evil}
    site.inventory({"web-01": {"eventops_services": good, "mine": good, **lying(tmp_path, facts)}})
    playbook = site.write(
        "heal.yml",
        "- hosts: all\n  gather_facts: true\n  roles:\n    - eventops.infra.remediate\n",
    )
    variables = {"remediate_problem": "ServiceDown", "remediate_service": "web"} | ({"remediate_services_variable": "mine"} if name == "mine" else {})

    run = site.play(playbook, variables=variables)

    assert not (directory / "evil").exists()
    assert run.of("failed") == {"web-01": 1}
    assert f"facts of web-01 have names of what the inventory says: {name}" in run.text
