# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What cases must agree in to share a run. Nobody may ride along: what one playbook does for all of them has to be right for each."""

from __future__ import annotations

import json
from collections.abc import Hashable

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import found_at

from ..engine.case_fields import case_fields
from ..engine.rule_reads import RuleReads
from ..policy.case_life import INCIDENT
from ..policy.settings import CasePolicy
from .flight import Member


def merging_key(member: Member, same: str | None, reads: RuleReads, max_attempts: int) -> Hashable | None:
    """Return what is equal for cases that rules see no difference between; None for a case that goes alone.

    :param same: what the policy says that its work is known by (same_work).
    :param reads: what the ruleset reads of an event.
    """
    case, event = member.case, member.row.event
    own = {"case": case_fields(case, case.attempt + 1, max_attempts), "meta": {"source": {"child": member.row.child}}}
    key = reads.key_of({**event.to_mapping(), **own}, event.extra.keys())
    if key is None:
        return None
    if same is not None:
        return event.type, key, same
    # An incident is about its hosts, which all get the run. The work of a request, of a change, and of what is about no host is in its data.
    work = "" if case.kind == INCIDENT and case.hosts else json.dumps(event.data, sort_keys=True, default=str)
    return event.type, case.name, key, work


def same_work(member: Member, policy: CasePolicy) -> str | None:
    """Return what the policy says that a case's work is known by; None where it says nothing, or the event lacks some of it."""
    if not policy.coalesce.by:
        return None
    event = member.row.event.to_mapping()
    values = [found_at(event, path) for path in policy.coalesce.by]
    return None if None in values else json.dumps(values, sort_keys=True, default=str)


def work_by_host(member: Member, same: str | None) -> dict[str, tuple]:
    """Return a case's hosts, each with what says what is done there, and where the host is."""
    event = member.row.event
    return {host: (event.data if same is None else same, event.connections.get(host)) for host in member.case.target_hosts}
