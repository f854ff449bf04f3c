# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: case
short_description: Approve, reject, resolve, suppress, retry or annotate cases; pause and resume automation
version_added: 0.1.0
description:
  - Tells the router O(ignore:eventops.infra.router) what a person, or a playbook, has decided about its cases.
  - Each decision is a row in the history of its case, with who asked and why.
  - Asking again for what is so already changes nothing. Asking for what the state of a case does not allow is an error that says what is
    possible, and then nothing is changed.
options:
  state:
    description:
      - >-
        V(approved): a case that is C(awaiting_approval) is dispatched now, and needs no further approval for its other attempts.
      - >-
        V(rejected): a case that is C(awaiting_approval) is suppressed.
      - >-
        V(resolved): the case is closed, and the next event of the same problem opens another. An exhausted, suppressed or observed alert keeps its
        state, and takes no more events.
      - >-
        V(suppressed): nothing is done about the case. An alert stays suppressed until its monitor says that it is over; of anything else the next event
        opens another case.
      - >-
        V(retried): a case that waits for its next attempt, a cooldown or its monitor is dispatched now; one that is exhausted, suppressed, unmatched or
        observed begins again with its first attempt. It needs no approval, and heeds no cooldown. What waits for a pause, a maintenance window or the end
        of a storm goes on waiting.
      - >-
        V(annotated): O(why) becomes a note in the history of the case.
      - >-
        V(paused): nothing that matches is dispatched, until it is resumed, or until O(until), or for O(for). What runs goes on. Where the same O(by) has
        paused the same already, the longer time holds; pauses of others stand beside it.
      - >-
        V(resumed): the pause with the number O(pause) ends, or every pause of exactly O(match), or, without both, every pause.
      - >-
        V(released): the hosts of the storm that goes on are healed one by one after all.
      - A playbook that runs for a case which is resolved or suppressed meanwhile is not stopped. What it does is written down.
    type: str
    required: true
    choices: [approved, rejected, resolved, suppressed, retried, annotated, paused, resumed, released]
  case:
    description:
      - The number of the case.
      - In a playbook that was started for one, it is C("{{ ansible_eda.event.case.id }}").
    type: int
  dedup_key:
    description: The key of the problem. Means the case that follows it now.
    type: str
  seen:
    description:
      - With V(approved) of one case, the C(event_row) that M(eventops.infra.case_info) told of it, when somebody looked at it.
      - When an event of another type or subject, or with other hosts or data, has come since, the case is not approved, and the task fails. Without it, the
        case is approved as it is now.
    type: int
  match:
    description:
      - Means every case that matches and that O(state) is for. V(approved) and V(rejected) are for what awaits an approval, V(suppressed) for
        what is not over, V(retried) for what is C(open), C(verifying), C(exhausted), or C(waiting) for a time, V(resolved) and V(annotated)
        for all that is not closed.
      - With V(paused) and V(resumed), what is paused. Nothing, or C({}), is everything.
      - A mapping of V(type), V(name), V(kind), V(severity), V(subject), V(host), V(child), V(dedup_key) to a text, or to a list of texts of which one
        must fit. In a text C(*) stands for anything.
    type: dict
  pause:
    description: The number of the pause that ends.
    type: int
  until:
    description: When a pause ends by itself, as RFC 3339, such as V(2026-01-31T12:00:00Z).
    type: str
  for:
    description: How long a pause lasts, in seconds, or such as V(30s), V(15m), V(4h), V(2d).
    type: raw
    aliases: [duration]
  by:
    description: Who has decided. By default the user that runs the playbook.
    type: str
  why:
    description: The reason, or the note. It is kept as one line of at most 1000 characters.
    type: str
    aliases: [note, reason]
extends_documentation_fragment:
  - eventops.infra.router
attributes:
  check_mode:
    description: Says what would change, and changes nothing.
    support: full
  diff_mode:
    description: Shows the cases, the pauses or the storm before and after.
    support: full
seealso:
  - module: eventops.infra.case_info
  - module: eventops.infra.event
"""

EXAMPLES = r"""
- name: Stop all automation for the time of a change
  eventops.infra.case:
    state: paused
    for: 2h
    by: alice
    why: The core switch is replaced

- name: Leave the database hosts alone until somebody resumes them
  eventops.infra.case:
    state: paused
    match:
      host: db-*

- name: Go on with them
  eventops.infra.case:
    state: resumed
    match:
      host: db-*

- name: End every pause
  eventops.infra.case:
    state: resumed

- name: Approve what waits for it
  eventops.infra.case:
    case: 17
    state: approved
    by: alice

- name: Look at a case
  eventops.infra.case_info:
    case: 17
  register: looked

- name: Approve it as it was looked at, and not what came since
  eventops.infra.case:
    case: 17
    state: approved
    seen: "{{ looked.cases[0].event_row }}"
    by: alice

- name: Approve every full disk of the web servers
  eventops.infra.case:
    match:
      name: DiskFull
      host: web-*
    state: approved
    by: alice

- name: Reject it, with the reason
  eventops.infra.case:
    case: 17
    state: rejected
    why: Not on a Friday

- name: Tell the case that this playbook was started for what was found
  eventops.infra.case:
    case: "{{ ansible_eda.event.case.id }}"
    state: annotated
    note: "{{ inventory_hostname }}: the disk is full of core dumps"

- name: Close the case of a problem that was solved by hand
  eventops.infra.case:
    dedup_key: alert/ServiceDown/web-01
    state: resolved
    by: alice

- name: Have hosts healed one by one although many fail
  eventops.infra.case:
    state: released
    by: alice
"""

RETURN = r"""
case:
  description: The case after the decision, where it is about exactly one.
  returned: when O(state) is about cases, and exactly one was meant
  type: dict
  sample:
    id: 17
    state: open
    dedup_key: alert/ServiceDown/web-01
    decided_by: alice
cases:
  description: The cases that were meant, after the decision, with the same fields as those of M(eventops.infra.case_info).
  returned: when O(state) is about cases
  type: list
  elements: dict
pauses:
  description: The pauses that hold afterwards, with the same fields as those of M(eventops.infra.case_info).
  returned: when O(state) is V(paused) or V(resumed)
  type: list
  elements: dict
  sample:
    - id: 3
      match: {host: "db-*"}
      since: "2026-01-31T12:00:00Z"
      until: null
      by: alice
      why: ""
storm:
  description: The storm that goes on, or null.
  returned: when O(state) is V(released)
  type: dict
  sample: {since: "2026-01-31T12:00:00Z", unhealthy: 80, known_hosts: 100, released_by: alice}
"""
