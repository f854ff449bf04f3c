# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: event
short_description: Hand an event to the router
version_added: 0.1.0
description:
  - Hands an event to the router O(ignore:eventops.infra.router), from any playbook, and returns when it is safe on disk. It opens or joins a case,
    and reaches the rules, like an event of any source.
options:
  type:
    description:
      - What happened, such as V(request.report), V(alert.firing) or a word of your own. V(alert.resolved) with the same O(dedup_key) ends an
        alert.
      - Types that begin with C(case.) are the router's own and are refused.
    type: str
    required: true
  hosts:
    description: The names of the hosts that the event is about.
    type: list
    elements: str
  severity:
    description: How bad it is. By default C(data.severity), else C(warning) for alerts and logs and C(info) for the rest.
    type: str
    choices: [critical, error, warning, info]
  subject:
    description: What the event is about. By default the first of the hosts.
    type: str
  dedup_key:
    description:
      - What events of the same problem have in common. They join one case.
      - By default C(alert/<data.name>/<data.fingerprint or subject>) for alerts, C(<type>/<id>) for requests, and C(<type>/<subject or id>) for the rest.
    type: str
  id:
    description: What tells this event from all others of the same O(source). The same one again is acknowledged, and nothing follows. By default a new one.
    type: str
  source:
    description: Where the event comes from. By default C(eventops:playbooks).
    type: str
  time:
    description: When it happened, as RFC 3339. By default now.
    type: str
  not_before:
    description:
      - When to act upon it, as RFC 3339, such as V(2026-01-31T18:00:00Z). Until then its case waits, through restarts of the router, too. An event that joins
        the case has it wait for its own O(not_before), or for nothing.
      - A person can have it begin earlier, with V(retried), or never, with V(suppressed), by M(eventops.infra.case).
    type: str
  data:
    description: What else is to be said. Values of keys that look like secrets are not kept.
    type: dict
extends_documentation_fragment:
  - eventops.infra.router
attributes:
  check_mode:
    description: Says whether the event would be taken, and hands in nothing.
    support: full
  diff_mode:
    description: Shows the event.
    support: full
seealso:
  - module: eventops.infra.case_info
"""

EXAMPLES = r"""
- name: Ask for the report of the month, once
  eventops.infra.event:
    type: request.report
    id: "report-{{ '%Y-%m' | ansible.builtin.strftime }}"
    data:
      kind: usage
  run_once: true

- name: Take a server out of service again tonight
  eventops.infra.event:
    type: capacity.no_longer_needed
    subject: web-09
    not_before: "2026-01-31T18:00:00Z"

- name: Say that a check of your own has failed
  eventops.infra.event:
    type: alert.firing
    hosts: ["{{ inventory_hostname }}"]
    severity: error
    data:
      name: BackupTooOld
      summary: The last backup is three days old

- name: Say that it is well again
  eventops.infra.event:
    type: alert.resolved
    hosts: ["{{ inventory_hostname }}"]
    data:
      name: BackupTooOld
"""

RETURN = r"""
event:
  description: The event as it was kept, with the defaults filled in.
  returned: success
  type: dict
  sample:
    specversion: "1.0"
    id: report-2026-01
    source: eventops:playbooks
    type: request.report
    subject: ""
    time: "2026-01-31T12:00:00Z"
    severity: info
    hosts: []
    dedup_key: request.report/report-2026-01
    data: {kind: usage}
"""
