# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory of cases: who is in it, and that a run never reads the address of another machine with the same name."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.for_playbooks import InventoryOfCases

X, Y = {"ansible_host": "192.0.2.1"}, {"ansible_host": "192.0.2.2"}


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "store.db.d"
    folder.mkdir()
    return folder


@pytest.fixture(name="inventory")
def _inventory(tmp_path):
    return InventoryOfCases(tmp_path / "store.db")


def read(folder) -> dict:
    return json.loads((folder / "inventory.json").read_text())["hosts"]


def test_it_has_the_hosts_of_open_cases_for_its_owner_alone(folder, inventory):
    assert inventory.is_ready_for(["u-1"], {"web-01": {}, "vm-1": X}, {})
    assert read(folder) == {"web-01": {}, "vm-1": X}
    assert oct((folder / "inventory.json").stat().st_mode & 0o777) == "0o600"


def test_a_host_of_the_users_own_is_reached_as_the_user_says_and_localhost_is_none_of_it(folder, inventory):
    inventory.expect("u-1", {"web-01": X})
    inventory.is_ready_for(["u-1"], {"web-01": Y, "localhost": Y}, {"web-01": {}, "localhost": {}})
    assert read(folder) == {"web-01": {}}


def test_while_a_dispatch_is_in_flight_no_other_case_says_how_its_host_is_reached(folder, inventory):
    inventory.expect("u-1", {"vm-1": X})
    inventory.is_ready_for(["u-1"], {"vm-1": Y}, {})
    assert read(folder)["vm-1"] == X
    inventory.is_ready_for(["u-2"], {"vm-1": Y, "vm-2": {}}, {})
    assert read(folder) == {"vm-1": X, "vm-2": {}}
    inventory.forget("u-1")
    inventory.is_ready_for(["u-2"], {"vm-1": Y}, {})
    assert read(folder)["vm-1"] == Y


def test_one_that_waits_for_a_rule_gives_its_name_back_and_has_its_own_when_the_rule_takes_it(folder, inventory):
    inventory.expect("u-1", {"vm-1": X})
    inventory.is_ready_for(["u-1"], {"vm-1": X}, {})
    inventory.release("u-1")
    inventory.expect("u-2", {"vm-1": Y})
    inventory.is_ready_for(["u-2"], {"vm-1": X}, {})
    assert read(folder)["vm-1"] == Y
    inventory.forget("u-2")
    inventory.is_ready_for(["u-1"], {"vm-1": Y}, {})
    assert read(folder)["vm-1"] == X


def test_two_machines_of_one_name_are_not_acted_upon_together(folder, inventory):
    inventory.expect("u-1", {"vm-1": X})
    inventory.expect("u-2", {"vm-1": Y})
    assert not inventory.is_ready_for(["u-1", "u-2"], {"vm-1": X}, {})
    inventory.forget("u-2")
    assert inventory.is_ready_for(["u-1", "u-2"], {"vm-1": X}, {}) and read(folder)["vm-1"] == X


def test_where_it_cannot_be_written_only_what_does_not_need_it_goes_on(folder, inventory):
    folder.rmdir()
    inventory.expect("u-1", {"vm-1": X})
    assert not inventory.is_ready_for(["u-1"], {"vm-1": X}, {})
    assert inventory.is_ready_for(["u-2"], {"vm-1": X}, {})
    folder.mkdir()
    assert inventory.is_ready_for(["u-1"], {"vm-1": X}, {}) and read(folder)["vm-1"] == X
