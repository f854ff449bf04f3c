# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: case_info
short_description: Find cases, and what holds them up
version_added: 0.1.0
description:
  - Asks the router O(ignore:eventops.infra.router) for its cases, the newest first, and for its mode, its pauses and the storm that may go on.
  - Several filters must all fit. Of several values of one filter, one must.
options:
  case:
    description: Numbers of cases.
    type: list
    elements: int
    aliases: [id]
  state:
    description:
      - States. C(open), C(awaiting_approval), C(dispatched), C(running), C(verifying) and C(waiting) are not over; C(resolved), C(exhausted),
        C(suppressed), C(observed) and C(unmatched) are.
    type: list
    elements: str
  kind:
    description: Kinds, of C(incident), C(request) and C(change).
    type: list
    elements: str
  type:
    description: Types of events, such as V(alert.firing).
    type: list
    elements: str
  name:
    description: Names of problems, such as V(DiskFull).
    type: list
    elements: str
  severity:
    description: Severities, of C(critical), C(error), C(warning) and C(info).
    type: list
    elements: str
  host:
    description: Names of hosts of which a case is about at least one.
    type: list
    elements: str
  dedup_key:
    description: Keys of problems.
    type: list
    elements: str
  text:
    description: A text in the name, the subject or the dedup_key.
    type: str
  live:
    description: Whether events still join the case.
    type: bool
  updated_after:
    description: Only cases that changed after this time, as RFC 3339.
    type: str
  before_id:
    description: Only cases with a smaller number. The smallest of one answer gives the next page.
    type: int
  limit:
    description: How many cases to return at most, up to 1000.
    type: int
    default: 100
  story:
    description: Whether to return the history, events and runs of each case, too.
    type: bool
    default: false
  run_on:
    description:
      - Names of hosts that are to be worked on. Returns the pauses that hold for that, RV(paused_by).
      - Without O(run_of), these are the pauses of everything, and those of hosts alone.
    type: list
    elements: str
  run_of:
    description: Numbers of the cases that the hosts of O(run_on) are worked on for. Pauses that match one of them hold, too.
    type: list
    elements: int
  optional:
    description: Whether it is no error when no router runs. RV(router) says whether one does.
    type: bool
    default: false
extends_documentation_fragment:
  - eventops.infra.router
attributes:
  check_mode:
    description: Changes nothing.
    support: full
  diff_mode:
    description: Changes nothing.
    support: N/A
seealso:
  - module: eventops.infra.case
"""

EXAMPLES = r"""
- name: See what waits for a person
  eventops.infra.case_info:
    state: [awaiting_approval, exhausted]
    live: true
  register: for_a_person

- name: See what became of a host's problems, with all that was tried
  eventops.infra.case_info:
    host: web-01
    limit: 10
    story: true

- name: See whether anything is paused
  eventops.infra.case_info:
    limit: 0
  register: router

- name: Do it only where nothing is paused
  ansible.builtin.debug:
    msg: All runs.
  when: not router.pauses
"""

RETURN = r"""
router:
  description: Whether a router runs.
  returned: success
  type: bool
cases:
  description: The cases, the newest first. Times are RFC 3339.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: The case's number., type: int}
    dedup_key: {description: What events of the same problem share., type: str}
    kind: {description: "C(incident), C(request) or C(change).", type: str}
    type: {description: The type of its events., type: str}
    name: {description: What the events call the problem., type: str}
    subject: {description: What the events are about., type: str}
    severity: {description: The severity of its newest event., type: str}
    hosts: {description: The hosts of the inventory that it is about., type: list, elements: str}
    child: {description: The source of its newest event., type: str}
    state: {description: See O(state)., type: str}
    reason: {description: "Why it waits, was suppressed or given up.", type: str}
    waits_for: {description: "What a waiting case waits for: C(backoff), C(cooldown), C(maintenance), C(pause) or C(storm).", type: str}
    due_at: {description: "When its waiting ends, or null.", type: str}
    mode: {description: "The mode that it is under: C(observe), C(approve) or C(enforce).", type: str}
    decided_by: {description: "Who approved, rejected, suppressed or retried it.", type: str}
    count: {description: How many events it has., type: int}
    event_row: {description: "The number of its newest event, for O(eventops.infra.case#module:seen).", type: int}
    attempt: {description: The number of its last attempt., type: int}
    live: {description: Whether events still join it., type: bool}
    opened_at: {description: When it was opened., type: str}
    updated_at: {description: When it changed last., type: str}
    ran_at: {description: "When its last run ended, or null.", type: str}
    history:
      description: "Every change of state and every note, the oldest first: C(time), C(from), C(to), C(why), C(by)."
      returned: with O(story)
      type: list
      elements: dict
    events:
      description: "Its newest events, the newest first: C(event), as it was sent but for secrets, C(child), C(received_at)."
      returned: with O(story)
      type: list
      elements: dict
    events_left_out:
      description:
        - "Those of its newest events that are not among RV(cases[].events), because all events of one answer have at most 4 MB: C(id), C(child), C(bytes)."
        - The events of the first cases go first. Ask for fewer cases to see more of them.
      returned: with O(story)
      type: list
      elements: dict
    runs:
      description: "Its runs, the oldest first: C(uuid), C(attempt), C(hosts), C(cases), C(state), C(outcome), C(planned_at), C(ended_at), C(results)."
      returned: with O(story)
      type: list
      elements: dict
mode:
  description: The mode of cases that no override matches. Null where no router runs.
  returned: success
  type: str
pauses:
  description: The pauses that hold now, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: The pause's number., type: int}
    match: {description: What is paused. An empty one is everything., type: dict}
    since: {description: When it began., type: str}
    until: {description: When it ends by itself. Null where a person must end it., type: str}
    by: {description: Who paused it., type: str}
    why: {description: The reason., type: str}
paused_by:
  description: Those of the pauses that hold for a run on the hosts of O(run_on).
  returned: with O(run_on)
  type: list
  elements: dict
storm:
  description: "The storm that goes on, or null: C(since), C(unhealthy) of C(known_hosts) hosts when it began, C(released_by)."
  returned: success
  type: dict
unfinished:
  description: How many cases are not over, by state.
  returned: success
  type: dict
  sample: {open: 1, waiting: 4}
"""
