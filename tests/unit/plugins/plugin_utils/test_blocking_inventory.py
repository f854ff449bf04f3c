# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory of event filters: loaded with the first event and when its files change, and never waited for long."""

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.blocking_inventory import BlockingInventory
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "hosts.ini"
    path.write_text("web-01\n")
    return path


def test_it_is_loaded_once_and_again_when_it_changed(path):
    inventory = BlockingInventory(path, patience_seconds=60)

    first = inventory.fresh()

    assert first.resolve("web-01") == "web-01" and inventory.fresh() is first
    path.write_text("web-01\nweb-02\n")
    assert inventory.fresh().resolve("web-02") == "web-02"


def test_one_that_cannot_be_loaded_leaves_what_was_known(path, caplog):
    inventory = BlockingInventory(path, patience_seconds=60)
    known = inventory.fresh()
    path.write_text("[web\n")

    assert inventory.fresh() is known
    assert "cannot be loaded" in caplog.text
    path.write_text("web-03\n")
    assert inventory.fresh().resolve("web-03") == "web-03"


def test_one_that_does_not_exist_knows_nobody(tmp_path, caplog):
    assert BlockingInventory(tmp_path / "none", patience_seconds=60).fresh() == Snapshot()
    assert "cannot be loaded" in caplog.text
    assert BlockingInventory(None).fresh(unknown_name=True) == Snapshot()


def test_a_slow_one_is_waited_for_once_and_then_used_when_it_is_there(tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    slow = tmp_path / "slow.sh"
    slow.write_text(f'#!/bin/sh\nread line < "{gate}"\necho \'{{"all": {{"hosts": ["web-01"]}}, "_meta": {{"hostvars": {{}}}}}}\'\n')
    slow.chmod(0o755)
    inventory = BlockingInventory(slow, patience_seconds=0.2)

    began = time.monotonic()
    assert [inventory.fresh().resolve("web-01") for _event in range(100)] == [None] * 100
    assert time.monotonic() - began < 15, "a hundred events waited no longer than one"
    gate.write_text("go on\n")
    while inventory.fresh().resolve("web-01") is None:
        assert time.monotonic() - began < 60
        time.sleep(0.02)
