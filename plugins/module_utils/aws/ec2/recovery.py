# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring an instance back by one step, and wait until that has helped.

What must not be forgotten when the run is killed in the middle is written on the instance itself, as a tag: that it was stopped in order to be started,
and which group is to replace it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2 import mark as marks
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.group import has_told
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.health import Health, look_at_health
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.steps import REBOOT, REPLACE, STOP_START, WAIT, Risks, refusal
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError


class TookTooLong(Exception):
    """Something did not come to be within the time of the step; the text says what."""


@dataclass(frozen=True)
class StepOutcome:
    """What came of a step; `before` and `after` are what was seen, `not_done` says why it was not taken, `wrong` what is wrong still."""

    before: Health
    after: Health
    changed: bool = False
    not_done: str = ""
    wrong: str = ""

    @property
    def new_members(self) -> list:
        """The instances that serve in the group now and did not before."""
        known = self.before.group.members if self.before.group else {}
        return [each for each in (self.after.group.in_service if self.after.group else ()) if each not in known]


class Recovery:
    """The recovery of one instance.

    Args:
        ec2, autoscaling: clients of boto3.
        instance_id: of the instance.
        timeout: seconds that a step may take until it is verified.
        interval: seconds between two looks.
    """

    def __init__(
        self,
        ec2: object,
        autoscaling: object,
        instance_id: str,
        timeout: float,
        interval: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ec2, self._autoscaling, self._id = ec2, autoscaling, instance_id
        self._timeout, self._interval = timeout, interval
        self._now, self._sleep = now, sleep
        self._deadline = 0.0

    def take(self, step: str, allowed: tuple, check: bool = False) -> StepOutcome:
        """Take a step when it may be taken, and wait until it has helped. Raises AWSError."""
        self._deadline = self._now() + self._timeout
        before = self._look()
        not_done = refusal(step, before.instance, before.group, self._risks(before), allowed) if before.wrong else "nothing is wrong"
        if not_done or check:
            return StepOutcome(before, before, changed=not not_done and step != WAIT, not_done=not_done, wrong=before.wrong)
        changed = {REBOOT: self._reboot, STOP_START: self._stop_and_start, REPLACE: self._replace}.get(step, lambda _seen: False)
        try:
            is_changed = changed(before) is not False
            after = self._wait(lambda seen: not seen.wrong, "it to be healthy")
            return StepOutcome(before, after, changed=is_changed)
        except TookTooLong as error:
            after = self._look()
            return StepOutcome(before, after, changed=step != WAIT, wrong=f"{after.wrong}; {error}" if after.wrong else str(error))

    def _reboot(self, _seen):
        self._ask("reboot_instances", "it was rebooted", InstanceIds=[self._id])

    def _stop_and_start(self, seen):
        """Go on where a run that was killed has stopped."""
        lifecycle = seen.group.members.get(self._id) if seen.group else None
        takes_out = lifecycle == "InService" and seen.group.replaces_stopped
        if not seen.instance.is_begun:
            self._mark(marks.Mark(marks.STOPPING, seen.instance.looked_at, seen.group.name if takes_out else ""))
        if takes_out and seen.instance.state == "running" and not seen.instance.is_begun:
            self._of_the_group("enter_standby", "it was put on standby", seen.group, ShouldDecrementDesiredCapacity=True)
            self._wait(lambda now: now.group and now.group.members.get(self._id) == "Standby", "it to be on standby")
        if not (seen.instance.is_begun and seen.instance.state == "running"):
            self._ask("stop_instances", "it was stopped", InstanceIds=[self._id])
            self._wait(lambda now: now.instance.state == "stopped", "it to be stopped")
            self._ask("start_instances", "it was started", InstanceIds=[self._id])
            self._wait(lambda now: now.instance.state == "running", "it to run")
        now = self._look()
        if now.group and now.group.members.get(self._id) == "Standby" and (takes_out or self._was_taken_out(seen)):
            self._of_the_group("exit_standby", "it was taken from standby", now.group)
        self._unmark()

    def _replace(self, seen):
        """Have the group launch another one, as many instances as before."""
        group = seen.group
        if self._id not in group.members:
            return False
        was_taken_out = group.members[self._id] == "Standby" and self._was_taken_out(seen)
        self._mark(marks.Mark(marks.REPLACING, seen.instance.looked_at, group.name))
        about = f"the group {group.name} was told to replace {self._id}"
        ask(
            self._autoscaling,
            "terminate_instance_in_auto_scaling_group",
            about,
            InstanceId=self._id,
            ShouldDecrementDesiredCapacity=False,
        )
        if was_taken_out:  # putting it on standby has lowered the capacity
            wanted = min(group.desired + 1, group.maximum)
            ask(self._autoscaling, "set_desired_capacity", about, AutoScalingGroupName=group.name, DesiredCapacity=wanted, HonorCooldown=False)
        known = dict(group.members)
        self._wait(lambda now: now.group and any(each not in known for each in now.group.in_service), f"a new instance in service in the group {group.name}")
        return True

    def _was_taken_out(self, seen):
        """Whether a run has put it on standby, and not a person: its mark says so, and the group that it happened since then."""
        mark, group = seen.instance.mark, seen.group
        if not seen.instance.is_begun or group is None or mark.group != group.name:
            return False
        return has_told(self._autoscaling, group.name, f"Moving EC2 instance to Standby: {self._id}", mark.at)

    def _risks(self, seen):
        """Find out what a stop would lose."""
        instance = seen.instance
        if instance.is_gone:
            return Risks()
        about = f"the instance {self._id} was looked at"
        elastic = True
        if instance.public_ip:
            filters = [{"Name": "public-ip", "Values": [instance.public_ip]}]
            elastic = bool(ask(self._ec2, "describe_addresses", about, Filters=filters)["Addresses"])
        types = ask(self._ec2, "describe_instance_types", about, InstanceTypes=[instance.type])["InstanceTypes"]
        return Risks(public_ip=not elastic, instance_store=any(each.get("InstanceStorageSupported") for each in types))

    def _wait(self, is_so, what):
        """Look until something is so. A look that fails is tried again: AWS throttles, and the way to it may break for a moment."""
        while True:
            left = self._deadline - self._now()
            try:
                seen = self._look()
                if is_so(seen):
                    return seen
            except AWSError:
                if left <= 0:
                    raise
            if left <= 0:
                raise TookTooLong(f"waited {self._timeout:g} s for {what}")
            self._sleep(min(self._interval, max(left, 0.1)))

    def _look(self):
        return look_at_health(self._ec2, self._autoscaling, self._id)

    def _mark(self, mark):
        self._ask("create_tags", "it was marked", Resources=[self._id], Tags=[{"Key": marks.TAG, "Value": mark.text}])

    def _unmark(self):
        self._ask("delete_tags", "its mark was taken away", Resources=[self._id], Tags=[{"Key": marks.TAG}])

    def _ask(self, method, about, **arguments):
        return ask(self._ec2, method, f"{self._id}: {about}", **arguments)

    def _of_the_group(self, method, about, group, **arguments):
        return ask(self._autoscaling, method, f"{self._id}: {about}", AutoScalingGroupName=group.name, InstanceIds=[self._id], **arguments)
