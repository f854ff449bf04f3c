# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find what to check in the variables of the inventory's hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.host_template import TemplateMistake, render
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import (
    HOST,
    INVENTORY_ENTRY,
    Defaults,
    Settings,
    target_from,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import Target, TcpCheck

HostVars = Mapping[str, Mapping[str, Any]]


def all_targets(settings: Settings, hostvars: HostVars, mistakes: Mistakes) -> dict[str, Target]:
    """Join the checks of the rulebook with those of the inventory; one in the rulebook wins over its namesake in the inventory.

    :param hostvars: each host's variables, as the inventory states them.
    :param mistakes: takes what is wrong in the inventory; such an entry is no target.
    :return: the targets by their `dedup_key`, each with an address to connect to.
    """
    found = {target.fingerprint: target for target in _targets_of(hostvars, settings.inventory_checks, settings.defaults, mistakes)}
    found |= {target.fingerprint: target for target in settings.targets}
    return {target.dedup_key: target for target in _with_address(found.values(), hostvars, mistakes)}


def _targets_of(hostvars: HostVars, variable: str | None, defaults: Defaults, mistakes: Mistakes) -> Iterable[Target]:
    if variable is None:
        return
    for host, variables in hostvars.items():
        if variable in variables:
            yield from _targets_of_host(host, variables, variable, defaults, mistakes)


def _targets_of_host(host: str, variables: Mapping[str, Any], variable: str, defaults: Defaults, mistakes: Mistakes) -> Iterable[Target]:
    where = f"{host}.{variable}"
    if mistakes.read({"host": host}, {"properties": {"host": HOST}}, "inventory") is None:
        return
    try:
        entries = render(variables[variable], {"inventory_hostname": host, **variables})
    except TemplateMistake as mistake:
        mistakes.add(where, str(mistake))
        return
    if not isinstance(entries, list):
        mistakes.add(where, "must be a list of services, each with a name and a check")
        return
    names: set[str] = set()
    for index, entry in enumerate(entries):
        entry = mistakes.read(entry, INVENTORY_ENTRY, f"{where}[{index}]")
        if entry is None or "check" not in entry:
            continue  # a service without a check is watched by another monitor
        target = target_from(entry["check"], host, entry.get("name"), defaults, mistakes, f"{where}[{index}].check")
        if target.name in names:
            mistakes.add(f"{where}[{index}]", f"{target.name} is checked already; give this service another name")
            continue
        names.add(target.name)
        yield target


def _with_address(targets: Iterable[Target], hostvars: HostVars, mistakes: Mistakes) -> Iterable[Target]:
    for target in targets:
        if isinstance(target.check, TcpCheck) and target.check.address is None:
            try:
                address = _address_of(target.host, hostvars.get(target.host, {}))
            except TemplateMistake as mistake:
                mistakes.add(f"{target.host}.ansible_host", str(mistake))
                continue
            target = replace(target, check=replace(target.check, address=address))
        yield target


def _address_of(host: str, variables: Mapping[str, Any]) -> str:
    address = render(variables.get("ansible_host"), {"inventory_hostname": host, **variables})
    return address if isinstance(address, str) and address else host
