# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which steps may bring an instance back, as a pure decision: what each one would lose, and who has allowed that."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.group import Group
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import Instance

WAIT, REBOOT, STOP_START, REPLACE = "wait", "reboot", "stop_start", "replace"
STEPS = (WAIT, REBOOT, STOP_START, REPLACE)  # the least invasive first
# What must be allowed, and what for.
ALLOWANCES = ("change_public_ip", "lose_instance_store", "start_stopped", "replace")


@dataclass(frozen=True)
class Risks:
    """What a stop would lose: a public address that is no Elastic IP, and the data on the instance's own disks."""

    public_ip: bool = False
    instance_store: bool = False


def refusal(step: str, instance: Instance, group: Group | None, risks: Risks, allowed: tuple) -> str:
    """Say why a step is not taken, for people; empty when it may be taken."""
    if step == WAIT:
        return "" if instance.is_undecided else "nothing is going on that could be waited for"
    if step == REPLACE:
        return _not_replaced(instance, group, allowed)
    if instance.is_gone:
        return f"the instance is {instance.state}"
    return _not_rebooted(instance) if step == REBOOT else _not_stopped(instance, group, risks, allowed)


def _not_rebooted(instance):
    if instance.state != "running":
        return f"the instance is {instance.state}"
    if instance.is_begun:
        return "a stop and start was begun and not finished"
    if instance.fails and "instance" not in instance.fails:
        return f"only the status check {' and '.join(instance.fails)} fails: a reboot stays on the same hardware"
    return ""


def _not_stopped(instance, group, risks, allowed):
    if instance.root_device != "ebs":
        return f"the root device is {instance.root_device or 'not known'}: only an instance whose root device is EBS can be stopped"
    begun = instance.is_begun
    if instance.state in ("stopped", "stopping") and not begun and "start_stopped" not in allowed:
        why = f"somebody has stopped the instance ({instance.reason or 'no reason is known'}), and remediate_start_stopped does not allow to start it"
        return f"{why}; {instance.doubt}" if instance.doubt else why
    if instance.state == "running" and risks.public_ip and "change_public_ip" not in allowed:
        return f"its public address {instance.public_ip} is no Elastic IP and would change, which remediate_change_public_ip does not allow"
    if instance.state == "running" and risks.instance_store and "lose_instance_store" not in allowed:
        return f"the data on the disks of an {instance.type} itself would be lost, which remediate_lose_instance_store does not allow"
    if instance.group and group is None:
        return f"the group {instance.group} is not known, and might replace the instance while it is stopped"
    return "" if begun or group is None else _not_spared(instance, group)


def _not_spared(instance, group):
    """Say why a group cannot do without a member for a while."""
    lifecycle = group.members.get(instance.id)
    if lifecycle in (None, "Standby") or not group.replaces_stopped:
        return ""
    if lifecycle != "InService":
        return f"the group {group.name} is busy with it ({lifecycle})"
    if group.desired - 1 < group.minimum:
        return (
            f"the group {group.name} would replace it while it is stopped, and cannot put it on standby: "
            f"its desired capacity {group.desired} must not go below its minimum {group.minimum}"
        )
    return ""


def _not_replaced(instance, group, allowed):
    if group is None:
        return f"the group {instance.group} is not known" if instance.group else "the instance is in no Auto Scaling group"
    if instance.id not in group.members and instance.is_gone:
        return ""  # its group has let it go: only what comes instead is waited for
    if "replace" not in allowed:
        return "remediate_replace does not allow it"
    if instance.id not in group.members:
        return f"the instance is no member of the group {group.name} any more"
    if "Launch" in group.suspended:
        return f"the group {group.name} launches nothing: its process Launch is suspended"
    return "" if group.desired > 0 or group.members[instance.id] == "Standby" else f"the group {group.name} has the desired capacity 0"
