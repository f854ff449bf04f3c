# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's Prometheus and Alertmanager, on free ports of this machine and over directories of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

PROMETHEUS, ALERTMANAGER = "prometheus", "prometheus-alertmanager"
needed = pytest.mark.skipif(not (shutil.which(PROMETHEUS) and shutil.which(ALERTMANAGER)), reason=f"needs Debian's {PROMETHEUS} and {ALERTMANAGER}")


class Peer:
    """One of the two: it is started by `start`, and ended with all that a test has started.

    Args:
        program: its name.
        directory: gets its configuration, its data and its output.
        env: the environment of the process.
    """

    def __init__(self, program: str, directory: Path, env: Mapping[str, str]) -> None:
        self.program = program
        self.directory = directory
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self._env = dict(env)
        self._storage = "--storage.tsdb.path=data" if program == PROMETHEUS else "--storage.path=data"
        # Without it Alertmanager looks for a cluster on all addresses.
        self._more = [] if program == PROMETHEUS else ["--cluster.listen-address="]
        self._output = directory / "output.txt"
        directory.mkdir(parents=True)

    def start(self, configuration: Mapping, **files: Mapping) -> None:
        """Write the configuration, and files beside it by their names without the `.yml`, and wait until it is ready."""
        for name, content in {"configuration": configuration, **files}.items():
            (self.directory / f"{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        command = [self.program, "--config.file=configuration.yml", self._storage, f"--web.listen-address={self.address}", *self._more]
        with open(self._output, "wb") as output:
            process = subprocess.Popen(command, cwd=self.directory, env=self._env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        wait_until(lambda: process.poll() is not None or self._is_ready(), f"{self.program} ready", 30, self._output.read_text)
        assert process.poll() is None, self._output.read_text()

    def _is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).status == 200
        except OSError:
            return False
