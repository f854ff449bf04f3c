# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Setting the capacity of an Auto Scaling group: what is said against it, and the request."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.group import COUNTED, RECORD_TAG


def objection(measured: dict, desired: int, seen: int | None) -> str:
    """Return why a group is not to be set to so many instances now; empty when nothing is said against it.

    Args:
        measured: as `group.measure` returns it.
        seen: how many instances the group was to have when it was decided; None when that does not matter.
    """
    now = measured["desired"]
    if now == desired:
        return ""
    if seen is not None and now != seen:
        return f"it was to have {seen} when that was decided, and somebody has set it to {now} meanwhile"
    if not measured["min"] <= desired <= measured["max"]:
        return f"the group itself may have {measured['min']} to {measured['max']}"
    if measured["in_progress"]:
        return f"this goes on: {measured['in_progress']}"
    has = [each for each in measured["instances"] if each["state"] in COUNTED]
    # It may shrink to what it has: then nothing more has to come.
    if len(has) != now and (desired > now or len(has) > desired):
        return f"it has {len(has)} of the {now} instances that it is to have"
    if blocked := measured["blocked_out" if desired > now else "blocked_in"]:
        return blocked
    protected = sum(each["protected"] for each in has)
    return f"{protected} of its instances are protected from scale-in" if desired < now and desired < protected else ""


def set_capacity(client: object, name: str, desired: int, record: str | None, last_record: str) -> None:
    """Set the capacity, and write the record first: with the record alone there is a cooldown too many, with the capacity alone there is none."""
    if record:
        _write(client, name, record)
    try:
        # The cooldown of the group is for policies of its own; ours is another one.
        ask(client, "set_desired_capacity", f"{name} was set to {desired} instances", AutoScalingGroupName=name, DesiredCapacity=desired, HonorCooldown=False)
    except AWSError as error:
        # A refused request has changed nothing. One that failed otherwise may have changed it, and then the record is right.
        if record and error.is_refusal:
            _write(client, name, last_record)
        raise


def _write(client: object, name: str, record: str) -> None:
    tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": RECORD_TAG}
    about = f"the record of {name} was written"
    if record:
        ask(client, "create_or_update_tags", about, Tags=[{**tag, "Value": record, "PropagateAtLaunch": False}])
    else:
        ask(client, "delete_tags", about, Tags=[tag])
