# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory says of a filesystem becomes steps, or mistakes with their place; never both."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.filesystems import filesystem_plan
from hypothesis import given
from hypothesis import strategies as st

WHERE = "eventops_filesystems of web-01"
VOLUME = {"step": "20%", "max_size": 100}


def plan(*entries: object, mount: str = "/var") -> dict:
    return filesystem_plan(list(entries), mount, WHERE, 120, 600)


def test_the_least_invasive_steps_come_first():
    clean = ["journal", {"command": ["/bin/x", 7], "timeout": 5}]

    found = plan({"mount": "/srv"}, {"mount": "/var", "threshold": 80, "clean": clean, "grow": {"volume": VOLUME}})

    assert found["mistakes"] == []
    assert found["entry"] == {"mount": "/var", "threshold": 80, "inodes": 90}
    assert [step["name"] for step in found["steps"]] == ["clean", "clean", "grow_filesystem", "grow_volume"]
    assert [step.get("command") for step in found["steps"][:2]] == [["journalctl", "--vacuum-size=200M"], ["/bin/x", "7"]]
    assert [step["timeout"] for step in found["steps"]] == [120, 5, 600, 600]
    assert found["steps"][3]["volume"] == {"id": "", "device": "", "step": "20%", "max_size": 100}


@pytest.mark.parametrize(
    ("entry", "mistake"),
    [
        ({"clean": "journal"}, "[/var].clean must be a list"),
        ({"clean": ["jurnal"]}, "[/var].clean[0] must be one of journal, package_cache, logrotate"),
        ({"clean": [{"command": "rm -rf /var/cache"}]}, "[/var].clean[0].command must be a list of a program and its arguments"),
        ({"clean": [{"command": []}]}, "[/var].clean[0].command must be a list"),
        ({"clean": [{"journal": "all; reboot"}]}, "[/var].clean[0].journal must be the size that is kept"),
        ({"clean": [{"journal": "50M", "command": ["x"]}]}, "must be a mapping with one of"),
        ({"clean": [{"command": ["x"], "timeout": 0}]}, "[/var].clean[0].timeout must be from 1 to 3600 seconds, got 0"),
        ({"clean": ["journal"], "treshold": 80}, "[/var].treshold is not known there"),
        ({"clean": ["journal"], "threshold": 0}, "[/var].threshold must be from 1 to 100 percent, got 0"),
        ({"clean": ["journal"], "threshold": True}, "[/var].threshold must be from 1 to 100 percent"),
        ({}, "says nothing that could be done about it"),
        ({"grow": "yes"}, "[/var].grow must be true, or a mapping"),
        ({"grow": {"commands": [["lvextend"], "resize2fs"]}}, "[/var].grow.commands[1] must be a list"),
        ({"grow": {"volume": {"step": 10}}}, "[/var].grow.volume.max_size must be from 1 to 65536 GiB, the size that it never exceeds, got nothing"),
        ({"grow": {"volume": {"step": "20", "max_size": 9}}}, '[/var].grow.volume.step must be GiB, or a share such as 20%, got "20"'),
        ({"grow": {"volume": {**VOLUME, "id": "vol-1; x"}}}, "[/var].grow.volume.id must be such as"),
        ({"grow": {"volume": {**VOLUME, "device": "/etc/passwd"}}}, "[/var].grow.volume.device must be such as"),
        ({"grow": {"volume": {**VOLUME, "device": "/dev/sdf", "id": "vol-0123456789abcdef0"}}}, "id or device, not both"),
    ],
)
def test_mistakes_are_told_with_their_place_and_nothing_is_done(entry, mistake):
    found = plan({"mount": "/var", **entry})

    assert found["steps"] == []
    assert any(mistake in each and each.startswith(WHERE) for each in found["mistakes"]), found["mistakes"]


@pytest.mark.parametrize("mount", ["/VAR", "/var/", "/var/../srv", "/", "var", "../var"])
def test_an_event_only_chooses_among_the_entries(mount):
    assert "has 0 entries with the mount" in plan({"mount": "/var", "grow": True}, mount=mount)["mistakes"][0]


def test_without_a_mount_the_only_entry_is_meant():
    assert plan({"mount": "/var", "grow": True}, mount="")["entry"]["mount"] == "/var"
    assert "has 2 entries, so the mount must be named" in plan({"mount": "/a"}, {"mount": "/b"}, mount="")["mistakes"][0]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mount", "clean", "grow", "volume", "command", "step", "threshold"]), inner),
    max_leaves=10,
)


@given(anything, st.text(max_size=5))
def test_whatever_is_written_is_read_or_refused(written, mount):
    found = filesystem_plan(written, mount, WHERE, 120, 600)

    assert bool(found["mistakes"]) != bool(found["steps"])
    for step in found["steps"]:
        assert all(isinstance(word, str) for word in step.get("command", []))
