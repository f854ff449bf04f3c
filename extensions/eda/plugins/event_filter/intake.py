# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import sys
from pathlib import Path

_COLLECTIONS_ROOT = str(Path(__file__).absolute().parents[7])
if _COLLECTIONS_ROOT not in sys.path:
    sys.path.insert(0, _COLLECTIONS_ROOT)

from ansible_collections.eventops.infra.plugins.plugin_utils.router.filtering import take_in

DOCUMENTATION = r"""
---
short_description: Hand the events of a top-level source to the router of the same ansible-rulebook
description:
  - For sources that cannot be children of the router, such as an event stream that Automation Platform puts in their place.
  - Each event is read, redacted and committed to the router's store. Nothing is passed on; the router dispatches it.
  - When the store cannot be written the filter raises, which ends the source, because returning would lose the event. A webhook answers 503.
  - List the router before the sources that use this filter, or their first event may find no router.
options:
  adapter:
    description: >-
      How the payload is read when it is not an envelope. The name of an adapter, or a mapping of its name to its settings, as in the C(adapter) of a
      router's child.
    type: raw
  source:
    description: The name under which the events are kept.
    type: str
    default: intake
author: eventops.infra contributors
"""

EXAMPLES = r"""
- name: Automation Platform replaces the webhook by its event stream and keeps the filter
  hosts: all
  sources:
    - name: router
      eventops.infra.router:
        mode: enforce
    - name: alerts
      eda.builtin.webhook:
        port: 5000
      filters:
        - eventops.infra.intake:
            source: alerts
  rules:
    - name: Restart what is down
      condition: event.type == "alert.firing"
      action:
        run_playbook:
          name: restart.yml
"""


def main(event, adapter=None, source="intake"):
    """Take one event into the router's store, and pass nothing on."""
    take_in(event, adapter=adapter, source=source)
    return []
