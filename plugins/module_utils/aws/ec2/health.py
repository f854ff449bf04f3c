# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance together with its group: whether anything is wrong, and what a person should know of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.group import Group, has_told, look_at_group
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import Instance, look
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

_LONGEST = 900  # characters of a piece of evidence: a note in a case has 1000


@dataclass(frozen=True)
class Health:
    """An instance and its Auto Scaling group, if it has one."""

    instance: Instance
    group: Group | None = None

    @property
    def wrong(self) -> str:
        """What is wrong, for people; empty when nothing is. An instance that is gone is replaced when its group lacks nothing without it."""
        if not self.instance.is_gone:
            return self.instance.wrong
        if self.group is None:
            return f"it is {self.instance.state}, and in no Auto Scaling group that would replace it"
        return self.group.missing_without(self.instance.id)

    @property
    def evidence(self) -> list:
        """What was seen, as texts for people."""
        seen, group = self.instance, self.group
        checks = ", ".join(f"{name} {status}" for name, status in seen.checks.items()) or "none"
        texts = [f"instance {seen.id} ({seen.type}, root device {seen.root_device}) is {seen.state}; status checks: {checks}"]
        texts += [seen.doubt[:_LONGEST]] if seen.doubt else []
        texts += [f"scheduled: {each['code']} at {each['not_before']}: {each['description']}"[:_LONGEST] for each in seen.events]
        if group:
            lifecycle = group.members.get(seen.id, "no member")
            numbers = f"desired {group.desired} (from {group.minimum} to {group.maximum}), in service {len(group.in_service)}"
            texts.append(f"group {group.name}: {numbers}, this instance: {lifecycle}")
        return texts


def look_at_health(ec2: object, autoscaling: object, instance_id: str) -> Health:
    """Ask about an instance and, when it says that it is in a group, about that. Raises AWSError."""
    instance = look(ec2, instance_id)
    name = instance.group or instance.unconfirmed_group
    group = look_at_group(autoscaling, name) if name else None
    # That a group was to replace it counts only when the group itself says so: anybody may have written the mark.
    if group and not instance.group and not has_told(autoscaling, name, f"Terminating EC2 instance: {instance_id}", instance.mark.at):
        group = None
    return Health(replace(instance, group=name) if group else instance, group)


def console_tail(ec2: object, instance_id: str, lines: int) -> str:
    """Return the end of what an instance wrote to its console, or why there is none."""
    try:
        text = ask(ec2, "get_console_output", f"the console of {instance_id} was read", InstanceId=instance_id).get("Output") or ""
    except AWSError as error:
        return f"console: {error}"[:_LONGEST]
    kept = [" ".join(line.split()) for line in text.splitlines() if line.strip()][-lines:]
    return f"console, the last lines: {' | '.join(kept)[-_LONGEST + 30 :]}" if kept else "console: nothing was written"
