# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's workers in a process of their own, as NetBox has them: what its API has to do does not delay them, nor what they measure.

As a script it takes a delivery on each line of its input, sends them by the queue and the workers of the double, and writes how long each kept its
worker waiting: `netbox_worker.py WORKERS`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from ansible_collections.eventops.infra.tests.doubles.netbox.webhooks import Delivery, Worker


class Workers:
    """So many workers, until the end of the block.

    Args:
        env: the environment of their process; it finds the collection there.
    """

    def __init__(self, number: int, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), str(number)], env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout.readline().strip() == "ready"

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._process.kill()
        self._process.wait()

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Put deliveries that another queue holds into this one."""
        for each in deliveries:
            self._process.stdin.write(json.dumps([each.url, each.method, dict(each.headers), each.body.decode()]) + "\n")
        self._process.stdin.flush()

    def waits(self) -> list[float]:
        """Wait until all are sent; return how long each kept its worker waiting, in seconds. All of them must have been taken."""
        output, _none = self._process.communicate()
        found = [tuple(each) for each in json.loads(output)]
        assert {status for status, _seconds in found} == {202}, found
        return [seconds for _status, seconds in found]


async def _work(number: int) -> None:
    worker = Worker()
    worker.set_running(number)
    worker.start()
    print("ready", flush=True)
    over = threading.Event()

    def read() -> None:
        for line in sys.stdin:
            url, method, headers, body = json.loads(line)
            worker.put(Delivery(url, method, headers, body.encode()))
        while not worker.is_idle():
            time.sleep(0.01)
        over.set()

    threading.Thread(target=read, daemon=True).start()
    await asyncio.to_thread(over.wait)
    print(json.dumps([[each.status, each.seconds] for each in worker.deliveries]))
    await worker.stop()


if __name__ == "__main__":
    asyncio.run(_work(int(sys.argv[1])))
