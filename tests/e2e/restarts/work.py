# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Work on a host, as a playbook's task does it: work.py TRACE DISPATCH PLAYBOOK HOST NUMBER SECONDS GATE

It leaves a line when it begins and one when it ends, prints nothing, and takes that many seconds, and as long as a file
GATE.HOST exists.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(trace: str, dispatch: str, playbook: str, host: str, number: str, seconds: str, gate: str) -> None:
    """Do the work."""
    # ansible-runner gives every run of ansible-playbook a directory of its own, which tells the runs of a dispatch apart.
    run = os.environ["AWX_ISOLATED_DATA_DIR"]
    work = {"run": run, "dispatch": dispatch, "playbook": playbook, "host": host, "number": int(number), "pid": os.getpid()}
    file = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def leave(what: str) -> None:
        os.write(file, json.dumps({**work, "what": what, "time": time.time()}).encode() + b"\n")

    leave("began")
    time.sleep(float(seconds))
    while os.path.exists(f"{gate}.{host}"):
        time.sleep(0.02)
    leave("ended")


if __name__ == "__main__":
    main(*sys.argv[1:])
