# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook scale on a scale set of Azure, with the role of Azure that the documentation has, and the real azure.azcollection.

Each look and each change takes seconds of a processor, because azure.azcollection loads all of Azure's clients. So there are few of these tests: what is the
same for all providers is tested with the others, and how each answer of Azure is understood in tests/integration/azure.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.azure.scale_set import RECORD
from ansible_collections.eventops.infra.tests.doubles.azure import Running
from ansible_collections.eventops.infra.tests.integration.roles.site import Site
from ansible_collections.eventops.infra.tests.integration.scaling.vmss import Vmss

pytestmark = pytest.mark.timeout(1300)
DOCUMENTATION = Path(__file__).absolute().parents[3] / "docs" / "scale_azure.md"


def documented_role() -> dict:
    """Return the role definition of the documentation."""
    (written,) = re.findall(r"```json\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(written)


@pytest.fixture
def vmss(azure: Running, site: Site, azure_python: Path) -> Callable[..., Vmss]:
    """Return a function that makes a scale set, whose controller may do what the documented role says."""
    azure.allowed = documented_role()["Actions"]
    return lambda **properties: Vmss(azure, site, azure_python, **properties)


def without_what_may_change(model: dict[str, Any]) -> dict[str, Any]:
    """Return a scale set without its capacity, its tags and what Azure counts up."""
    return {**model, "sku": {**model["sku"], "capacity": None}, "tags": None, "etag": None}


def test_a_scale_set_grows_by_one_is_verified_and_is_left_alone_within_the_cooldown(vmss: Callable[..., Vmss]) -> None:
    web = vmss(overprovision=True, health="healthy", tags={"owner": "shop"})
    before = web.scale_set.shown()

    run = web.scale(scale_direction="out")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert web.scale_set.names == ["web_0", "web_1", "web_2"]
    assert "shop has been scaled from 2 to 3 instances. Came: web_2. Went: none" in run.text
    assert without_what_may_change(web.scale_set.shown()) == without_what_may_change(before)
    assert web.scale_set.capacity == 3 and web.scale_set.tags["owner"] == "shop" and "from=2 to=3" in web.scale_set.tags[RECORD]

    again = web.scale(scale_direction="out")

    assert again.rc == 0, again.output
    assert again.of("changed") == {"localhost": 0}
    assert len(web.azure.patches()) == 1
    assert "shop is left as it is: it was last changed at" in again.text


def test_a_flexible_one_shrinks_by_its_own_policy_and_what_is_protected_stays(vmss: Callable[..., Vmss]) -> None:
    web = vmss(size=3, scale_in="OldestVM", orchestration="Flexible")
    stays, *go = web.scale_set.names
    web.scale_set.instance(stays).protection = {"protectFromScaleIn": True}

    run = web.scale(scale_direction="in", scale_by=2)

    assert run.rc == 0, run.output
    assert web.scale_set.names == [stays]
    assert f"Went: {', '.join(go)}" in run.text


def test_the_documented_inventory_and_command_say_what_they_would_do(vmss: Callable[..., Vmss], azure: Running) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    (inventory,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (command,) = re.findall(r"ansible-playbook -i inventory --limit localhost eventops.infra.scale (.*)", text)
    web = vmss()
    documented = azure.add_scale_set("web-vmss", 2)
    web.site.write("inventory/hosts.yml", inventory.replace("/opt/azure/bin/python", str(web.python)))

    run = web.site.play("eventops.infra.scale", *shlex.split(command), limit="localhost", **azure.environment)

    assert run.rc == 0, run.output
    assert "check mode, so this is neither done nor verified: scaling web from 2 to 3 instances" in run.text
    assert not azure.patches() and documented.capacity == 2


def test_what_is_mistyped_is_refused_all_at_once_before_azure_is_asked(azure: Running, site: Site) -> None:
    web = Vmss(azure, site, Path("/usr/bin/python3"))
    web.inventory(resource_group="shop/../other", group="web/virtualMachines", subscription_id="mine", auth_source="guess", python="python3")

    run = web.scale(scale_direction="out")

    assert run.rc != 0
    for said in (
        'resource_group of shop, or scale_azure_resource_group, must be the name of a resource group, got "shop/../other".',
        'group of shop, by default its name, must be the name of a scale set, got "web/virtualMachines".',
        'subscription_id of shop, or scale_azure_subscription_id, must be a UUID, got "mine".',
        'auth_source of shop, or scale_azure_auth_source, must be one of auto, cli, env, credential_file, msi, got "guess".',
        'python of shop, or scale_azure_python, must be the whole path of a Python, got "python3".',
    ):
        assert said in run.text, run.output
    assert not azure.requests and not azure.tokens


def test_a_capacity_that_is_not_reached_is_an_error_with_azures_reason(vmss: Callable[..., Vmss]) -> None:
    web = vmss()
    web.inventory(wait=1)
    web.scale_set.operation_fails = ("AllocationFailed", "There is no room for this size in westeurope.")

    run = web.scale(scale_direction="out")

    assert run.rc != 0
    assert "shop was set from 2 to 3 instances, which were not reached within 1 s: 2 instances are in service and healthy, and 3 were expected" in run.text
    assert "AllocationFailed: There is no room for this size in westeurope." in run.text


def test_a_secret_that_is_wrong_is_said_and_not_shown(vmss: Callable[..., Vmss]) -> None:
    web = vmss()
    known, web.azure.secret = web.azure.environment, "Another~1"

    run = web.site.play("eventops.infra.scale", "-vvv", limit="localhost", variables={"scale_group": "shop", "scale_direction": "out"}, **known)

    assert run.rc != 0
    assert "shop was not scaled, because it cannot be measured: Azure could not be asked" in run.text and "AADSTS7000215" in run.text
    assert known["AZURE_SECRET"] not in run.output
    assert not web.azure.patches()


def test_without_the_packages_it_is_said_what_is_missing(azure: Running, site: Site) -> None:
    web = Vmss(azure, site, Path("/usr/bin/python3"))
    web.inventory(python=None)

    run = web.scale(scale_direction="out")

    assert run.rc != 0
    assert "azure.azcollection, with the Python packages of its requirements.txt" in run.text
    assert not azure.requests
