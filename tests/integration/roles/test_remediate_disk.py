# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on filesystems that are full: real ones in memory and on disks that are files, filled, cleaned up and grown."""

from __future__ import annotations

import os

import pytest
from ansible_collections.eventops.infra.tests.integration.roles.mounted import (
    SMALLEST_MIB,
    fill,
    in_memory,
    needs_a_disk,
    needs_mounting,
    needs_resizable_ext4,
    occupy,
    on_a_disk,
)
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site


def remediate(site: Site, hosts: dict[str, dict], *options: str, variables: dict | None = None, **env: str) -> Run:
    site.inventory({"localhost": {}, **hosts})
    return site.play("eventops.infra.remediate", *options, limit=",".join(hosts), variables={"remediate_problem": "DiskFull"} | (variables or {}), **env)


def entry(path: object, *clean: object, **others: object) -> dict:
    return {"mount": str(path), "threshold": 80, "clean": list(clean), **others}


def removing(*paths: object) -> dict:
    return {"command": ["rm", "-rf", *map(str, paths)]}


@needs_mounting
class TestCleansUp:
    def test_in_order_until_one_helps_and_leaves_alone_what_is_not_full(self, site, directory):
        with in_memory(directory / "full", 20) as full, in_memory(directory / "empty", 20) as empty:
            fill(full / "log" / "app.log", 3)
            fill(full / "cache" / "old", 14)
            fill(full / "data" / "precious", 1)
            clean = [{"command": ["true"], "name": "nothing"}, removing(full / "cache"), removing(full / "data")]
            hosts = {"full": {"eventops_filesystems": [entry(full, *clean)]}, "empty": {"eventops_filesystems": [entry(empty, removing(full / "data"))]}}

            run = remediate(site, hosts)
            left = sorted(os.listdir(full))
            again = remediate(site, hosts)

        assert run.rc == 0, run.output
        assert left == ["data", "log"]
        assert run.of("changed") == {"full": 2, "empty": 0}
        assert "clean (cleaning up: nothing)" in run.text and "did not help" in run.text
        assert f"biggest directories: {full}/cache 14.0 MiB" in run.text
        assert again.of("changed") == {"full": 0, "empty": 0}

    def test_the_mount_that_an_event_names_when_the_inventory_has_it(self, site, directory):
        with in_memory(directory / "var", 10) as var, in_memory(directory / "srv", 10) as srv:
            fill(var / "cache" / "x", 9)
            fill(srv / "cache" / "x", 9)
            filesystems = [entry(var, removing(var / "cache")), entry(srv, removing(srv / "cache"))]

            run = remediate(site, {"web-01": {"eventops_filesystems": filesystems}}, variables={"remediate_mount": str(srv)})
            other = remediate(site, {"web-01": {"eventops_filesystems": filesystems}}, variables={"remediate_mount": f"{var}/../srv"})
            none = remediate(site, {"web-01": {"eventops_filesystems": filesystems}})

            assert run.rc == 0, run.output
            assert (os.listdir(var), os.listdir(srv)) == (["cache"], [])
        assert other.of("failed") == none.of("failed") == {"web-01": 1}
        assert "has 0 entries with the mount" in other.text
        assert "has 2 entries, so the mount must be named" in none.text

    def test_inodes_too_and_says_where_they_are(self, site, directory):
        with in_memory(directory / "full", 20, inodes=1000) as full:
            sessions = full / "sessions"
            sessions.mkdir()
            for number in range(950):
                (sessions / str(number)).touch()

            run = remediate(site, {"web-01": {"eventops_filesystems": [entry(full, removing(sessions))]}})

        assert run.rc == 0, run.output
        assert "of the inodes are used, from 90 % on it is too much" in run.text
        assert f"directories with most entries: {sessions} 950" in run.text

    def test_and_names_the_process_that_holds_what_was_deleted(self, site, directory):
        with in_memory(directory / "full", 20) as full:
            path = fill(full / "app.log", 18)
            with open(path, "rb"):
                path.unlink()
                run = remediate(site, {"web-01": {"eventops_filesystems": [entry(full, {"command": ["true"]})]}})

        assert run.rc != 0
        assert f"deleted, but open, so their room is not free: {path} 18.0 MiB by pytest (pid {os.getpid()})" in run.text.replace("by python ", "by pytest ")
        assert f"{full} on web-01 is still full" in run.text

    def test_nothing_in_check_mode_but_says_what_it_would_do(self, site, directory):
        with in_memory(directory / "full", 10) as full:
            fill(full / "cache" / "x", 9)

            run = remediate(site, {"web-01": {"eventops_filesystems": [entry(full, removing(full / "cache"), grow=True)]}}, "--check")

            assert os.listdir(full) == ["cache"]
        assert run.rc == 0, run.output
        assert run.of("changed") == {"web-01": 1}
        assert "neither done nor verified: cleaning up: rm, then growing it to the size of its disk" in run.text

    def test_by_the_programs_that_the_inventory_names_by_a_word(self, site, directory, tmp_path):
        log = tmp_path / "called"
        for program in ("journalctl", "apt-get", "logrotate"):
            path = tmp_path / "bin" / program
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\necho {program} "$@" >> {log}\n')
            path.chmod(0o755)
        with in_memory(directory / "full", 10) as full:
            fill(full / "x", 9)
            clean = ["package_cache", {"journal": "50M"}, "logrotate", removing(full / "x")]

            run = remediate(site, {"web-01": {"eventops_filesystems": [entry(full, *clean)]}}, PATH=f"{tmp_path}/bin:{site.env['PATH']}")

        assert run.rc == 0, run.output
        assert log.read_text().splitlines() == ["apt-get clean", "journalctl --vacuum-size=50M", "logrotate --force /etc/logrotate.conf"]

    def test_not_longer_than_it_may_take_and_not_showing_what_may_be_secret(self, site, directory):
        with in_memory(directory / "full", 10) as full:
            fill(full / "x", 9)
            slow = {"command": ["sh", "-c", "sleep 300; hunter2"], "timeout": 2, "name": "slow"}
            fails = {"command": ["sh", "-c", "echo broken >&2; exit 3; hunter2"]}

            run = remediate(site, {"web-01": {"eventops_filesystems": [entry(full, slow, fails)]}}, "-v")

        assert run.rc != 0
        assert "it did not return within 2 s" in run.text
        assert "exit code 3: broken" in run.text
        assert "hunter2" not in run.output


@needs_a_disk
class TestGrows:
    @pytest.mark.parametrize(
        ("kind", "mib", "partitioned"),
        [("xfs", SMALLEST_MIB, True), ("xfs", SMALLEST_MIB, False), pytest.param("ext4", 64, True, marks=needs_resizable_ext4)],
    )
    def test_to_the_size_of_its_disk(self, site, directory, kind, mib, partitioned):
        with on_a_disk(directory, kind, mib, partitioned) as disk:
            occupy(disk.path / "data", int(disk.size * 0.85))
            disk.grow(2 * mib)
            before = disk.size
            hosts = {"web-01": {"eventops_filesystems": [entry(disk.path, grow=True)]}}

            run = remediate(site, hosts)

            assert run.rc == 0, run.output
            assert disk.size > 1.7 * before
            assert "grow_filesystem, " in run.text and "helped: from " in run.text
            assert (disk.path / "data").stat().st_size > 0

    def test_not_where_there_is_no_more_room(self, site, directory):
        with on_a_disk(directory) as disk:
            occupy(disk.path / "data", int(disk.size * 0.85))

            run = remediate(site, {"web-01": {"eventops_filesystems": [entry(disk.path, grow=True)]}})

        assert run.of("failed") == {"web-01": 1}
        assert run.of("changed") == {"web-01": 0}
        assert f"it is as large as its disk {disk.device} already" in run.text

    def test_by_the_inventorys_own_commands(self, site, directory):
        with on_a_disk(directory, partitioned=False) as disk:
            occupy(disk.path / "data", int(disk.size * 0.85))
            disk.grow(2 * SMALLEST_MIB)
            before = disk.size

            run = remediate(site, {"web-01": {"eventops_filesystems": [entry(disk.path, grow={"commands": [["xfs_growfs", str(disk.path)]]})]}})

            assert run.rc == 0, run.output
            assert disk.size > 1.7 * before
