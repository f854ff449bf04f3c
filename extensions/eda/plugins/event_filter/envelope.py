# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import sys
from pathlib import Path

_COLLECTIONS_ROOT = str(Path(__file__).absolute().parents[7])
if _COLLECTIONS_ROOT not in sys.path:
    sys.path.insert(0, _COLLECTIONS_ROOT)

from ansible_collections.eventops.infra.plugins.plugin_utils.enveloping import enveloped
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS

DOCUMENTATION = r"""
---
short_description: Bring a stock source's events to one shape, without the router
description:
  - For people who use a source of ansible-rulebook or of another collection as it is, without the router. Nothing is kept, tried again or followed.
  - Each event is read, its secrets are redacted, its hosts are looked up in the inventory, and no text of it can become a template in a playbook.
  - The keys that the source put stay beside the envelope, so that rules which read them go on matching.
  - C(meta.hosts), which ansible-rulebook turns into C(--limit), gets exact names of hosts in the inventory. Where an event names hosts of which the inventory
    has none, it is C(eventops_unresolved), which matches nothing; an event about no host gets C(localhost).
  - What no adapter can read becomes an C(event.received), with the reason in C(eventops_unread) where an adapter was to read it. This filter never
    raises, because that would end ansible-rulebook.
  - An option that this filter does not have is said once in the log, with the one that may be meant. Events go on by the options that are understood, but
    C(meta.hosts) is C(eventops_unresolved) for all of them, because nobody knows what was meant.
  - It comes last in the list of filters, so that what the others do is made harmless, too.
options:
  adapter:
    description: >-
      How the payload is read when it is not an envelope. The name of an adapter, or a mapping of its name to its settings, as in the C(adapter) of a
      router's child.
    type: raw
  inventory:
    description:
      - The path of the inventory that hosts are looked up in, the same that ansible-rulebook is started with. Without it no host is known, which
        the log says once; events that name hosts get C(eventops_unresolved).
      - It is loaded with the first event, and again when its files change. Events wait up to 5 seconds for that.
    type: path
  redact:
    description: The values of keys whose names contain one of these words are not kept.
    type: list
    elements: str
    default: [password, passwd, secret, token, authorization, api_key, private_key]
  source:
    description: What C(source) of the event says, where the sender does not.
    type: str
    default: envelope
author: eventops.infra contributors
"""

EXAMPLES = r"""
- name: Heal what the monitor reports, without a router
  hosts: all
  sources:
    - name: monitor
      eda.builtin.webhook:
        host: 127.0.0.1
        port: 5000
      filters:
        - eventops.infra.envelope:
            inventory: /etc/eventops/inventory
            adapter:
              generic:
                type: {path: payload.status, map: {down: alert.firing, ok: alert.resolved}}
                name: payload.alert
                hosts: payload.host
  rules:
    - name: Restart it
      condition: event.type == "alert.firing" and event.data.name == "WebDown"
      action:
        run_playbook:
          name: restart.yml
"""


# A filter gets its arguments with each event: one that is not taken would fail the deliveries of the source, one by one.
def main(event, /, adapter=None, inventory=None, redact=DEFAULT_WORDS, source="envelope", **unknown):
    """Return the envelope of an event, or several."""
    events = event if isinstance(event, list) else [event]
    arguments = {"adapter": adapter, "inventory": inventory, "redact_words": list(redact) if isinstance(redact, tuple) else redact, "source": source}
    arguments["unknown"] = tuple(unknown)
    made = [envelope for each in events for envelope in enveloped(each, **arguments)]
    # A list is for several: a source's put_nowait hands what is returned to the rules as it is.
    return made[0] if len(made) == 1 else made
