# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double answers as the documentation of Azure's API says. Microsoft's own client asks it: azure-identity for tokens, azure-core for requests."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.eventops.infra.tests.doubles.azure import Running
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.core.polling import LROPoller
from azure.mgmt.core.polling.arm_polling import ARMPolling

from .clients import Bare, credential_of


@pytest.fixture(name="bare")
def _bare(azure: Running) -> Bare:
    azure.add_scale_set("web", 3, tags={"owner": "shop"})
    return Bare(azure)


def code(answer: tuple[int, Any, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def ended(bare: Bare, url: str) -> dict:
    """Return an operation when it is over."""
    deadline = time.monotonic() + 20
    while (status := bare.ask("GET", url))[1]["status"] == "InProgress":
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return status[1]


def test_a_token_is_for_who_has_the_secret(azure: Running) -> None:
    assert credential_of(azure).get_token("https://management.azure.com/.default").expires_on > time.time() + 3000
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential_of(azure, "wrong").get_token("https://management.azure.com/.default")


def test_without_a_good_token_nothing_is_told(azure: Running, bare: Bare) -> None:
    azure.tokens.clear()
    bare.ask("GET", "web")
    for token in azure.tokens:
        azure.tokens[token] = 0
    assert code(bare.ask("GET", "web")) == (401, "ExpiredAuthenticationToken")


def test_nothing_else_is_reached(azure: Running, bare: Bare) -> None:
    with pytest.raises(ServiceRequestError):
        bare.ask("GET", "https://example.com/")
    assert azure.proxy.refused == ["example.com:443"]


def test_a_scale_set_is_shown_with_its_etag_and_state(bare: Bare) -> None:
    status, shown, headers = bare.ask("GET", "WEB")
    assert (status, shown["name"], shown["sku"]["capacity"], shown["properties"]["provisioningState"]) == (200, "web", 3, "Succeeded")
    assert shown["etag"] == headers["ETag"]


def test_what_is_not_there_is_not_found(bare: Bare) -> None:
    assert code(bare.ask("GET", "other")) == (404, "ResourceNotFound")
    assert code(bare.ask("GET", "web/rollingUpgrades/latest")) == (404, "NotFound")


def test_the_api_version_must_be_given_and_known(azure: Running, bare: Bare) -> None:
    assert code(bare.ask("GET", "web", api="2015-01-01")) == (400, "InvalidResourceType")
    assert code(bare.ask("GET", f"https://management.azure.com{azure.scale_sets['shop/web'].id}")) == (400, "MissingApiVersionParameter")


def test_what_the_role_does_not_have_is_refused_with_the_action_that_is_missing(azure: Running, bare: Bare) -> None:
    azure.allowed = ["Microsoft.Compute/virtualMachineScaleSets/read"]
    assert bare.ask("GET", "web")[0] == 200
    status, answer, _headers = bare.ask("PATCH", "web", {"sku": {"capacity": 4}})
    assert status == 403 and answer["error"]["code"] == "AuthorizationFailed"
    assert "'Microsoft.Compute/virtualMachineScaleSets/write'" in answer["error"]["message"]
    assert azure.scale_sets["shop/web"].capacity == 3


def test_a_patch_changes_what_it_names_and_tags_as_a_whole(azure: Running, bare: Bare) -> None:
    web = azure.scale_sets["shop/web"]
    before = web.shown()
    status, shown, headers = bare.ask("PATCH", "web", {"sku": {"capacity": 4}, "tags": {"a": "b"}})
    assert (status, shown["properties"]["provisioningState"]) == (200, "Updating")
    assert ended(bare, headers["Azure-AsyncOperation"])["status"] == "Succeeded"
    after = web.shown()
    assert after["tags"] == {"a": "b"} and after["sku"] == {**before["sku"], "capacity": 4}
    assert after["properties"] == before["properties"] and after["etag"] != before["etag"]


def test_an_operation_of_the_same_is_refused_while_one_goes_on(azure: Running, bare: Bare) -> None:
    azure.scale_sets["shop/web"].seconds = 0.5
    _status, _shown, headers = bare.ask("PATCH", "web", {"sku": {"capacity": 4}})
    assert code(bare.ask("PATCH", "web", {"sku": {"capacity": 5}})) == (409, "Conflict")
    ended(bare, headers["Azure-AsyncOperation"])
    assert bare.ask("PATCH", "web", {"sku": {"capacity": 5}})[0] == 200


def test_a_condition_that_does_not_hold_changes_nothing(azure: Running, bare: Bare) -> None:
    assert code(bare.ask("PATCH", "web", {"sku": {"capacity": 4}}, {"If-Match": '"0"'})) == (412, "PreconditionFailed")
    assert azure.scale_sets["shop/web"].capacity == 3
    assert bare.ask("PATCH", "web", {"sku": {"capacity": 4}}, {"If-Match": bare.ask("GET", "web")[1]["etag"]})[0] == 200


@pytest.mark.parametrize("body", [{"sku": {"capacity": -1}}, {"sku": {"capacity": True}}, {"sku": {"capacity": 1001}}, {"tags": {"a/b": "c"}}])
def test_what_is_impossible_is_refused(bare: Bare, body: dict) -> None:
    assert code(bare.ask("PATCH", "web", body)) == (400, "InvalidParameter")


def test_the_poller_of_microsofts_client_follows_an_operation_to_its_end(azure: Running, bare: Bare) -> None:
    path = f"{azure.scale_sets['shop/web'].id}?api-version=2024-07-01"
    request = bare.client.patch(path, headers={"Content-Type": "application/json"}, content={"sku": {"capacity": 2}})
    first = bare.client._pipeline.run(request)
    poller = LROPoller(bare.client, first, lambda response: response.http_response.status_code, ARMPolling(timeout=0.05))
    poller.wait(30)
    assert poller.status() == "Succeeded" and azure.scale_sets["shop/web"].names == ["web_0", "web_1"]


def test_an_operation_that_fails_leaves_a_scale_set_that_failed(azure: Running, bare: Bare) -> None:
    azure.scale_sets["shop/web"].operation_fails = ("AllocationFailed", "no room")
    _status, _shown, headers = bare.ask("PATCH", "web", {"sku": {"capacity": 4}})
    assert ended(bare, headers["Azure-AsyncOperation"])["error"] == {"code": "AllocationFailed", "message": "no room"}
    assert bare.ask("GET", "web")[1]["properties"]["provisioningState"] == "Failed"
    (status,) = bare.ask("GET", "web/instanceView")[1]["statuses"]
    assert (status["code"], status["message"]) == ("ProvisioningState/failed/AllocationFailed", "no room")


def test_instances_come_page_by_page(azure: Running, bare: Bare) -> None:
    azure.page_size = 2
    _status, first, _headers = bare.ask("GET", "web/virtualMachines?$expand=instanceView")
    _status, second, _headers = bare.ask("GET", first["nextLink"])
    assert [row["name"] for row in first["value"] + second["value"]] == ["web_0", "web_1", "web_2"] and "nextLink" not in second
    assert [status["code"] for status in second["value"][0]["properties"]["instanceView"]["statuses"]] == ["ProvisioningState/succeeded", "PowerState/running"]


def test_with_overprovision_there_are_more_for_a_while(azure: Running, bare: Bare) -> None:
    api = azure.add_scale_set("api", 2, overprovision=True)
    api.seconds = 0.5
    _status, _shown, headers = bare.ask("PATCH", "api", {"sku": {"capacity": 3}})
    assert len(api.names) == 4
    ended(bare, headers["Azure-AsyncOperation"])
    assert api.names == ["api_0", "api_1", "api_2"]


@pytest.mark.parametrize(("rule", "gone"), [("OldestVM", "web_0"), ("NewestVM", "web_2"), ("", "web_2")])
def test_what_goes_is_by_the_policy_and_never_what_is_protected(azure: Running, rule: str, gone: str) -> None:
    web = azure.add_scale_set("web", 4, scale_in=rule)
    web.instance("web_3").protection = {"protectFromScaleIn": True}
    bare = Bare(azure)
    ended(bare, bare.ask("PATCH", "web", {"sku": {"capacity": 3}})[2]["Azure-AsyncOperation"])
    assert set(web.names) == {"web_0", "web_1", "web_2", "web_3"} - {gone}


def test_faults_come_before_or_after_the_work(azure: Running, bare: Bare) -> None:
    azure.fail(429, "TooManyRequests", "slower", retry_after=7)
    status, _answer, headers = bare.ask("GET", "web")
    assert (status, headers["Retry-After"]) == (429, "7") and bare.ask("GET", "web")[0] == 200
    azure.fail(503, methods=("PATCH",), is_after=True)
    assert bare.ask("PATCH", "web", {"sku": {"capacity": 4}})[0] == 503
    assert azure.scale_sets["shop/web"].capacity == 4
