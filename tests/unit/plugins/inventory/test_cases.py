# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which files are for the plugin; tests/integration/test_cases_inventory.py has it at work."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.inventory.cases import InventoryModule


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("eventops.yml", True),
        ("eventops.yaml", True),
        ("cases.eventops.yml", True),
        ("zz.eventops.yaml", True),
        ("noeventops.yml", False),
        ("eventops.yml.bak", False),
        ("eventops.json", False),
        ("hosts.yml", False),
    ],
)
def test_a_file_is_known_by_its_name(tmp_path, name, ours):
    path = tmp_path / name
    assert not InventoryModule().verify_file(str(path))  # it is not there
    path.touch()
    assert InventoryModule().verify_file(str(path)) is ours
