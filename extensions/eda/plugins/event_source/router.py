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
    description: >-
      C(observe) writes down what would have been dispatched and runs nothing. C(approve) waits for a person to approve each case, with the module
      M(eventops.infra.case) or in the console. C(enforce) acts.
    type: str
    choices: [observe, approve, enforce]
    default: observe
  policy:
    description: >-
      What goes when, together with what, and what holds it. Each time is a number of seconds, or a text such as C(30s), C(15m), C(4h), C(90d).
      docs/policy.md has an example for each key.
    type: dict
    suboptions:
      coalesce:
        description: >-
          Cases that the rules of the ruleset see no difference between go together, in one dispatch for up to C(max_hosts) hosts (50). While cases keep
          coming, a dispatch that has room waits C(window) seconds (0.2) for more. A case that comes alone goes at once. C(by) names paths of the event, such
          as C(data.labels.group): cases that agree there are the same work, whatever else is in their data.
        type: dict
      attempts:
        description: >-
          C(max) attempts (3); the wait after the first failure C(backoff) (30), growing by C(factor) (2) up to C(max_backoff) (900),
          give or take the share C(jitter) (0.1).
        type: dict
      confirm:
        description: C(within) this time (900) a monitor has to say "resolved" after a successful run.
        type: dict
      cooldown:
        description: Time from the last run for a C(dedup_key) to the first run of the next case with it. Not between the attempts of one case.
        type: raw
        default: 300
      max_unhealthy:
        description: >-
          When more hosts than this share of the inventory, or this number, are failing at once, and at least ten, that is a storm. Its incidents are not
          healed host by host; one C(case.storm) calls a person. They go on when fewer hosts fail, or when a person releases them.
        type: raw
        default: 30%
      max_in_flight:
        description: >-
          How many dispatches run at the same time, which takes C(execution_strategy=parallel). In an override it is a limit of its own, for what
          the override matches.
        type: int
        default: 4
      priority:
        description: Points by severity. A case gains a point each 3 s that it waits.
        type: dict
        default: {critical: 100, error: 50, warning: 20, info: 0}
      maintenance:
        description: >-
          Windows in which nothing is done to their hosts. C(start) is a cron expression in C(timezone) (UTC), C(duration) how long a window lasts,
          C(hosts) names or patterns with C(*) (all), C(name) what people call it. Needs the Python package croniter.
        type: list
        elements: dict
        default: []
      approve:
        description: C(expires) is how long a case waits for its approval (3600); afterwards it is suppressed.
        type: dict
      announce:
        description: >-
          Which of C(opened), C(updated), C(resolved) become C(case.*) events for your rules, for example to open a ticket when a case is opened.
          Updated means that its severity or its hosts changed, or that it awaits an approval. C(case.exhausted), C(case.unresolved) and C(case.storm) are
          always raised.
        type: list
        elements: str
        default: []
      overrides:
        description: >-
          Other values for some cases; the first that matches counts. C(match) names any of C(type), C(name), C(kind), C(severity), C(subject), C(host),
          C(child), C(dedup_key), each with a text or a list, C(*) standing for anything. Beside it stand C(mode) and any key above.
        type: list
        elements: dict
        default: []
  retention:
    description: How long finished cases are kept, with their events, runs and history. A delivery that is repeated later than that counts as new.
    type: raw
    default: 90d
  neutralize:
    description: What happens to text that would be a template or break the engine. C(replace) makes it harmless, C(reject) suppresses the case.
    type: str
    choices: [replace, reject]
    default: replace
  redact:
    description:
      - Values of keys that contain one of these words are not kept.
      - In a text that is nearly JSON, such as its beginning, and in any text of what could not be read, that is done as far as the text shows where a
        value begins and ends.
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
      - Reading is free on this machine's own addresses, and needs a token on others and behind a proxy. Changing anything always needs a token.
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
        policy:
          max_unhealthy: 20%
          overrides:
            - match: {type: alert.firing, name: DiskFull}
              mode: approve
              cooldown: 1h
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
