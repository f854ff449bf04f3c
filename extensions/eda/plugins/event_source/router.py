# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import sys
from pathlib import Path

_COLLECTIONS_ROOT = str(Path(__file__).absolute().parents[7])
if _COLLECTIONS_ROOT not in sys.path:
    sys.path.insert(0, _COLLECTIONS_ROOT)

from ansible_collections.eventops.infra.plugins.plugin_utils.router.start import run

DOCUMENTATION = r"""
---
short_description: Take events in without losing them, decide, dispatch, follow up, retry and escalate
description:
  - Hosts any event sources as children, stock ones too. A child's event is on disk before its sender gets an answer.
  - Follows each problem as one case, puts the most urgent one to the rules of the ruleset, learns from a callback what the playbooks did on
    which host, waits until the monitor confirms, tries again with growing waits, and raises C(case.exhausted) when that did not help.
  - The event that rules see has a non-empty C(meta.hosts) of hosts that the inventory has, so that a playbook never runs elsewhere, and no text
    in it is a template.
  - One router in an ansible-rulebook. It needs no other configuration, and playbooks need no change.
options:
  store:
    description: Path of the SQLite file. Its directory must exist. What belongs to the store lies beside it, in a directory with C(.d) added.
    type: str
    default: $EVENTOPS_STORE, else ~/.local/state/eventops/store.db
  inventory:
    description: The inventory that host names of events are looked up in. It needs a host C(localhost).
    type: str
    default: the inventory that ansible-rulebook was started with
  sources:
    description: >-
      The child sources, written like those of a ruleset (C(name), the plugin with its arguments, C(filters)), with one more key: C(adapter) says how
      the payload is read (C(generic) with its paths, or C(envelope), which is always tried first).
    type: list
    elements: dict
    default: []
  mode:
    description: C(observe) writes down what would have been dispatched and runs nothing. C(enforce) acts.
    type: str
    choices: [observe, enforce]
    default: observe
  policy:
    description: How often and when a failed case is tried again, how long a monitor has to confirm, and which severity goes first.
    type: dict
    suboptions:
      attempts:
        description: >-
          C(max) attempts (3); the wait after the first failure C(backoff) seconds (30), growing by C(factor) (2) up to C(max_backoff) seconds (900),
          give or take the share C(jitter) (0.1).
        type: dict
      confirm:
        description: C(within) seconds (900) a monitor has to say "resolved" after a successful run.
        type: dict
      priority:
        description: Points by severity. A case gains a point each 3 s that it waits.
        type: dict
        default: {critical: 100, error: 50, warning: 20, info: 0}
  neutralize:
    description: What happens to text that would be a template or break the engine. C(replace) makes it harmless, C(reject) suppresses the case.
    type: str
    choices: [replace, reject]
    default: replace
  redact:
    description: Values of keys that contain one of these words are not kept.
    type: list
    elements: str
    default: [password, passwd, secret, token, authorization, api_key, private_key]
  max_event_bytes:
    description: A larger event is refused.
    type: int
    default: 1048576
  listen:
    description:
      - Where C(/healthz), C(/readyz), C(/metrics) and the console for people are served; off when absent.
      - Reading is free on this machine's own addresses and needs a token on others. Changing anything always needs a token.
    type: dict
    suboptions:
      address:
        description: Address and port such as C(127.0.0.1:5050), C([::1]:5050), or C(:5050) for all addresses.
        type: str
        required: true
      tokens:
        description: >-
          Who may pause, approve and so on. Each is a text of at least 16 characters, or a mapping of C(name), which the history shows, and one of C(token),
          C(env) (an environment variable) and C(file). Without any, the address must be this machine's own.
        type: list
        elements: raw
        default: []
      certfile:
        description: PEM file of the TLS certificate, with those that lead to its root.
        type: path
      keyfile:
        description: PEM file of its key, without a passphrase; not needed when the key is in C(certfile).
        type: path
      url:
        description: What browsers call the console when a proxy stands before it, such as C(https://eventops.example.com).
        type: str
  log:
    description: >-
      Where each decision is written as a line of JSON, with the fields of the Elastic Common Schema: the path of a file (mode 0640, opened again when
      logrotate has moved it), or C(stdout). See docs/log.md.
    type: str
author: eventops.infra contributors
"""

EXAMPLES = r"""
- name: Heal what the webhook reports
  hosts: all
  sources:
    - name: router
      eventops.infra.router:
        store: /var/lib/eventops/store.db
        mode: enforce
        sources:
          - name: monitors
            eda.builtin.webhook:
              host: 127.0.0.1
              port: 5000
            adapter:
              generic:
                type: {value: alert.firing}
                name: payload.alert
                hosts: payload.host
  rules:
    - name: Restart what is down
      condition: event.payload.alert == "ServiceDown"
      action:
        run_playbook:
          name: restart.yml
    - name: Call a person
      condition: event.type == "case.exhausted"
      action:
        run_playbook:
          name: call.yml
"""


async def main(queue, args):
    """Run the router of a ruleset."""
    await run(queue, args)
