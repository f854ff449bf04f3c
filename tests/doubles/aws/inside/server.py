# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The process of moto's server: what it lacks is added, and then it serves on a free port of 127.0.0.1 until its parent goes.

The port is written to standard output; standard input is held open by the parent, so that its end is the end of this, however it came.
"""

from __future__ import annotations

import logging
import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from . import activities, alarm_calls, alarm_states, capacity, groups, log_lines, log_patterns, queue_attributes, receiving, refreshes, status_checks, volumes
from .front import Front


def main() -> None:
    """Serve until the parent goes."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    ours = (activities, alarm_calls, alarm_states, capacity, groups, log_lines, log_patterns, queue_attributes, receiving, refreshes, status_checks, volumes)
    for addition in ours:
        addition.add_to_moto()
    server = make_server("127.0.0.1", 0, Front(DomainDispatcherApplication(create_backend_app)), threaded=True, request_handler=MotoRequestHandler)
    os.environ["MOTO_PORT"] = str(server.port)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
