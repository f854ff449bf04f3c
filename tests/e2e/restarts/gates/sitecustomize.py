# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python imports this first in every process that has this folder in PYTHONPATH. It makes a slow start, or a slow end, of ansible-playbook.

EVENTOPS_TEST_GATE names a gate: while GATE.start exists ansible-playbook does not begin, while GATE.exit exists it does not go.
With EVENTOPS_TEST_GATE_FOR this is so for the playbook of that name only.
"""

from __future__ import annotations

import atexit
import os
import sys
import time


def _hold(when: str) -> None:
    while os.path.exists(f"{os.environ['EVENTOPS_TEST_GATE']}.{when}"):
        time.sleep(0.02)


_is_playbook = any(os.path.basename(word) == "ansible-playbook" for word in sys.orig_argv[:3])
if _is_playbook and "EVENTOPS_TEST_GATE" in os.environ and sys.orig_argv[-1].endswith(os.environ.get("EVENTOPS_TEST_GATE_FOR", "")):
    _hold("start")
    atexit.register(_hold, "exit")
