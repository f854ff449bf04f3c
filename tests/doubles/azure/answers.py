# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The answers of Azure Resource Manager to the calls that a client needs for a scale set."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from .azure import Azure
from .scale_set import API, ScaleSet

MANAGEMENT = "management.azure.com"
INSIGHTS_API = "2022-10-01"
_TAG_NAME = re.compile(r"[^<>%&\\?/]{1,512}")
_PLACEMENT_GROUP = 100  # "How to work with large scale sets": at most that many in one placement group, else 1,000
_LARGE = 1000


@dataclass
class Answer:
    """What is sent back."""

    body: dict
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A call that the double answers."""

    method: str
    pattern: re.Pattern[str]
    action: str
    api: str
    answer: Callable[[Azure, re.Match[str], Mapping[str, str], Mapping[str, str], dict], Answer]


def error(status: int, code: str, message: str, **headers: str) -> Answer:
    """Return an error in the form that all of Azure Resource Manager has."""
    return Answer({"error": {"code": code, "message": message}}, status, headers)


def _scale_set(azure: Azure, match: re.Match[str]) -> ScaleSet | None:
    found = azure.scale_sets.get(f"{match['group']}/{match['name']}".lower())
    if found:
        found.go_on()
    return found


def _missing(match: re.Match[str]) -> Answer:
    what = f"Microsoft.Compute/virtualMachineScaleSets/{match['name']}"
    return error(404, "ResourceNotFound", f"The Resource '{what}' under resource group '{match['group']}' was not found.")


def _get(azure: Azure, match: re.Match[str], _query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    found = _scale_set(azure, match)
    return Answer(found.shown(), headers={"ETag": found.etag}) if found else _missing(match)


def _patch(azure: Azure, match: re.Match[str], _query: Mapping[str, str], headers: Mapping[str, str], body: dict) -> Answer:
    found = _scale_set(azure, match)
    if not found:
        return _missing(match)
    if headers.get("If-Match", found.etag) not in (found.etag, "*"):
        return error(412, "PreconditionFailed", f"The etag provided in the If-Match header does not match that of '{found.name}'.")
    if found.is_busy:
        return error(409, "Conflict", "The request failed due to conflict with a concurrent request.")
    mistake = _mistake(found, body)
    if mistake:
        return error(400, "InvalidParameter", mistake)
    operation = found.patch(body)
    where = f"https://{MANAGEMENT}/subscriptions/{azure.subscription}/providers/Microsoft.Compute/locations/westeurope/operations/{operation.name}"
    asked = {"Azure-AsyncOperation": f"{where}?api-version={API}", "Location": f"{where}?monitor=true&api-version={API}", "Retry-After": "1"}
    return Answer(found.shown(), 200, asked | {"ETag": found.etag})


def _mistake(found: ScaleSet, body: dict) -> str:
    capacity = body.get("sku", {}).get("capacity", found.capacity)
    if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 0:
        return f"The value '{capacity}' of parameter 'sku.capacity' is invalid."
    limit = _PLACEMENT_GROUP if found.model["properties"]["singlePlacementGroup"] else _LARGE
    if capacity > limit:
        return f"The capacity {capacity} of '{found.name}' exceeds the limit of {limit}."
    wrong = [name for name, value in body.get("tags", {}).items() if not _TAG_NAME.fullmatch(name) or not isinstance(value, str) or len(value) > 256]
    return f"The tags {wrong} are invalid." if wrong else ""


def _instances(azure: Azure, match: re.Match[str], query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    found = _scale_set(azure, match)
    if not found:
        return _missing(match)
    is_expanded = query.get("$expand") == "instanceView"
    return _page(azure, match.string, query, [found.shown_instance(instance, is_expanded) for instance in found.instances])


def _machines(azure: Azure, match: re.Match[str], query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    wanted = re.fullmatch(r"'virtualMachineScaleSet/id' eq '(?P<id>[^']+)'", query.get("$filter", ""))
    if not wanted:
        return error(501, "NotInTheDouble", "The double lists virtual machines by their scale set only.")
    owners = [found for found in azure.scale_sets.values() if found.id.lower() == wanted["id"].lower() and found.group.lower() == match["group"].lower()]
    for found in owners:
        found.go_on()
    return _page(azure, match.string, query, [found.shown_machine(instance) for found in owners for instance in found.instances])


def _page(azure: Azure, path: str, query: Mapping[str, str], rows: list[dict]) -> Answer:
    begin = int(query.get("$skiptoken", "0"))
    end = begin + azure.page_size
    body: dict = {"value": rows[begin:end]}
    if end < len(rows):
        kept = {name: value for name, value in query.items() if name != "$skiptoken"} | {"$skiptoken": str(end)}
        body["nextLink"] = f"https://{MANAGEMENT}{path}?" + "&".join(f"{name}={quote(value)}" for name, value in kept.items())
    return Answer(body)


def _view(azure: Azure, match: re.Match[str], _query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    found = _scale_set(azure, match)
    return Answer(found.view()) if found else _missing(match)


def _upgrade(azure: Azure, match: re.Match[str], _query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    found = _scale_set(azure, match)
    if not found or not found.upgrade:
        return error(404, "NotFound", "The entity was not found.")
    return Answer({"location": "westeurope", "properties": {"runningStatus": {"code": found.upgrade, "startTime": "2026-01-31T12:00:00+00:00"}}})


def _autoscale(azure: Azure, _match: re.Match[str], _query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    return Answer({"value": azure.autoscale})


def _operation(azure: Azure, match: re.Match[str], _query: Mapping[str, str], _headers: Mapping[str, str], _body: dict) -> Answer:
    for found in azure.scale_sets.values():
        found.go_on()
        operation = found.operations.get(match["operation"])
        if operation:
            ended = {"error": operation.error} if operation.status == "Failed" else {}
            return Answer({"name": operation.name, "status": operation.status, "startTime": "2026-01-31T12:00:00+00:00"} | ended)
    return error(404, "NotFound", "The operation was not found.")


_SUBSCRIPTION = r"/subscriptions/(?P<subscription>[^/]+)"
_GROUP = _SUBSCRIPTION + r"/resource[gG]roups/(?P<group>[^/]+)/providers"
_SET = _GROUP + r"/Microsoft\.Compute/virtualMachineScaleSets/(?P<name>[^/]+)"
_ACTION = "Microsoft.Compute/virtualMachineScaleSets"
CALLS = (
    Call("GET", re.compile(_SET), f"{_ACTION}/read", API, _get),
    Call("PATCH", re.compile(_SET), f"{_ACTION}/write", API, _patch),
    Call("GET", re.compile(_SET + "/virtualMachines"), f"{_ACTION}/virtualMachines/read", API, _instances),
    Call("GET", re.compile(_SET + "/instanceView"), f"{_ACTION}/instanceView/read", API, _view),
    Call("GET", re.compile(_SET + "/rollingUpgrades/latest"), f"{_ACTION}/rollingUpgrades/read", API, _upgrade),
    Call("GET", re.compile(_GROUP + r"/Microsoft\.Compute/virtualMachines"), "Microsoft.Compute/virtualMachines/read", API, _machines),
    Call("GET", re.compile(_GROUP + r"/Microsoft\.Insights/autoscalesettings", re.I), "Microsoft.Insights/autoscaleSettings/read", INSIGHTS_API, _autoscale),
    # Whoever may begin an operation may ask what became of it.
    Call("GET", re.compile(_SUBSCRIPTION + r"/providers/Microsoft\.Compute/locations/[^/]+/operations/(?P<operation>[^/]+)"), "", API, _operation),
)
