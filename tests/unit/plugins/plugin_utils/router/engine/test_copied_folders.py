# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which folders ansible-rulebook copies for a run, told from its rules."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.copied_folders import copied_folders


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in a directory with a playbook."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.b.yml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("restart.yml", "."),
        ("playbooks/restart.yml", "playbooks"),
        ("/etc/eventops/restart.yml", "/etc/eventops"),
        ("{{ event.data.playbook }}", "."),
        ("playbooks/{{ event.data.name }}.yml", "."),
        ("a.b.yml", "."),
    ],
)
def test_the_folder_of_a_playbook(here, name, folder):
    assert copied_folders([name], None) == {(here / folder).resolve()}


def test_what_copies_nothing(here):
    assert copied_folders(["eventops.infra.remediate"], None) == frozenset()


def test_an_inventory_that_is_a_folder(here):
    (here / "inventory").mkdir()
    assert copied_folders([], "inventory") == {here / "inventory"}
    assert copied_folders([], "a.b.yml") == frozenset(), "a file is copied alone"
