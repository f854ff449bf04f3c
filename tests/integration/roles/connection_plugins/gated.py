# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""This machine as a host that can be reached while a file exists."""

from __future__ import annotations

import os

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: gated
short_description: Reach this machine while a file exists
author: eventops.infra contributors
extends_documentation_fragment: [connection_pipelining]
description: For tests of hosts that are down.
options:
  gate:
    description: The file.
    required: true
    vars: [{name: gate}]
"""


class Connection(Local):
    """Run everything on this machine, if its gate is open."""

    transport = "gated"

    def _connect(self):
        if not os.path.exists(self.get_option("gate")):
            raise AnsibleConnectionFailure("the host is down")
        return super()._connect()

    def reset(self):
        """Begin anew, as wait_for_connection asks."""
        self._connected = False
