# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store on a real file system that has no space left."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.file.complaints import Complaints
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable

from .conftest import Site

SIZE = "2m"


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path):
    """A file system of a few megabytes, and what fills it all but a little."""
    directory = tmp_path / "small disk"
    directory.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", directory], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"needs to mount a small file system: {mounted.stderr.strip()}")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)


@pytest.fixture(name="site")
def _site(small_disk):
    site = Site(small_disk).open()
    yield site
    site.close()


def fill(directory: Path) -> Path:
    """Leave no byte free; return what is to be deleted to have space again."""
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            pass
    assert os.statvfs(directory).f_bavail == 0
    return ballast


def until_refused(site) -> str:
    try:
        for _time in range(10_000):
            site.send()
    except StoreUnavailable as error:
        return str(error)
    raise AssertionError("it has space for ever")


def test_a_full_disk_takes_nothing_until_there_is_space(site, small_disk, caplog):
    site.send(5)
    ballast = fill(small_disk)
    refused = until_refused(site)
    assert "full" in refused and "free space on its disk" in refused
    for _time in range(50):
        assert site.is_refused() == refused
    assert caplog.text.count("cannot be used") == 1, "one line a minute"
    ballast.unlink()
    before = caplog.text.count("can be used again")  # once, where moving the log into the file was what had no space first, and commits still had some
    site.send(50)
    assert caplog.text.count("can be used again") == before + 1 <= 2
    assert site.all_is_there()


def test_a_lost_file_is_written_again_when_there_is_space(site, small_disk):
    site.send(5)
    elsewhere = site.path.rename(site.path.with_name("elsewhere.db"))
    ballast = fill(small_disk)
    assert "see to its disk" in site.is_refused() or "free space" in site.is_refused()
    assert not site.path.exists()
    ballast.unlink()
    site.send_until_taken()
    assert site.all_is_there()
    assert elsewhere.exists()


def test_a_store_opens_on_a_full_disk(site, small_disk):
    site.send(5)
    site.close()
    ballast = fill(small_disk)
    site.open()
    assert len(site.store.run_now(lambda tx: tx.unhandled_events(100))) == 5
    assert "full" in site.is_refused()
    ballast.unlink()
    site.send_until_taken()
    assert site.all_is_there()


def test_each_cause_is_logged_once_a_minute(caplog):
    moments = [0.0, 1.0, 59.0, 60.0, 61.0, 61.0, 62.0, 62.0, 62.0]
    complaints = Complaints("store.db", lambda: moments.pop(0))
    for _time in range(5):
        complaints.say("the disk is full")
    complaints.say("it is damaged")
    assert [record.getMessage().split(": ")[1].split(".")[0] for record in caplog.records] == ["the disk is full", "the disk is full", "it is damaged"]
    complaints.withdraw()
    complaints.withdraw()
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3 + ["WARNING"]
    complaints.say("the disk is full")
    assert len(caplog.records) == 4, "a cause that comes and goes fills no log"
