# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What EC2 says of one instance: its state, its status checks and what is scheduled for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.clock import clock_of
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2 import mark as marks
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

GROUP_TAG = "aws:autoscaling:groupName"  # of the members of Auto Scaling groups; only AWS writes tags that begin with aws:

_OVER = ("[Completed]", "[Canceled]")  # how the description of a scheduled event begins that is over (DescribeInstanceStatus)
_UNDECIDED = ("initializing", "insufficient-data")


@dataclass(frozen=True)
class Instance:
    """One instance; `checks` has the status of each of its status checks: system, instance and, on newer types, attached_ebs.

    `mark` is what a run has left on it and is believed, `doubt` why it is not, and `looked_at` when this was, by AWS's clock.
    """

    id: str
    state: str
    checks: dict = field(default_factory=dict)
    events: tuple = ()
    type: str = ""
    root_device: str = ""
    public_ip: str = ""
    group: str = ""
    mark: marks.Mark | None = None
    doubt: str = ""
    reason: str = ""
    looked_at: float = 0.0

    @property
    def is_gone(self) -> bool:
        """Whether nothing can bring it back."""
        return self.state in ("shutting-down", "terminated")

    @property
    def is_undecided(self) -> bool:
        """Whether something goes on already, which only has to be waited for."""
        return self.state == "pending" or (self.state == "running" and bool(self._with(*_UNDECIDED)) and not self._with("impaired"))

    @property
    def fails(self) -> tuple:
        """The names of the status checks that fail."""
        return self._with("impaired") if self.state == "running" else ()

    @property
    def wrong(self) -> str:
        """What keeps it from being healthy, for people; empty when it is healthy."""
        if self.state != "running":
            return f"it is {self.state}" + (f" ({self.reason})" if self.reason else "")
        others = {name: status for name, status in self.checks.items() if status not in ("ok", "not-applicable")}
        if others or not self.checks:
            return "status checks: " + (", ".join(f"{name} {status}" for name, status in others.items()) or "none yet")
        return "it was being stopped and started, and that was not finished" if self.is_begun else ""

    @property
    def is_begun(self) -> bool:
        """Whether a stop and start was begun and not finished."""
        return self.mark is not None and self.mark.step == marks.STOPPING

    @property
    def unconfirmed_group(self) -> str:
        """The group that was to replace it, as its mark says: nobody has confirmed that yet."""
        return self.mark.group if self.is_gone and not self.group and self.mark and self.mark.step == marks.REPLACING else ""

    def _with(self, *statuses):
        return tuple(name for name, status in self.checks.items() if status in statuses)

    def as_dict(self) -> dict:
        """Return what a module tells of it."""
        return {
            "instance_id": self.id,
            "state": self.state,
            "checks": dict(self.checks),
            "scheduled_events": list(self.events),
            "instance_type": self.type,
            "root_device": self.root_device,
            "public_ip": self.public_ip,
            "auto_scaling_group": self.group,
        }


def look(ec2: object, instance_id: str) -> Instance:
    """Ask EC2 about an instance. Raises AWSError."""
    about = f"the instance {instance_id} was looked at"
    reservations = ask(ec2, "describe_instances", about, InstanceIds=[instance_id])["Reservations"]
    found = [each for reservation in reservations for each in reservation["Instances"]]
    if len(found) != 1:
        raise AWSError(f"AWS answered with {len(found)} instances instead of 1, when {about}")
    answer = ask(ec2, "describe_instance_status", about, InstanceIds=[instance_id], IncludeAllInstances=True)
    statuses = answer["InstanceStatuses"]
    return read(found[0], statuses[0] if statuses else {}, clock_of(answer))


def read(described: dict, status: dict, now: float) -> Instance:
    """Make an instance of what DescribeInstances and DescribeInstanceStatus say, and when."""
    tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", ())}
    mark, doubt = _believed(described, tags.get(marks.TAG, ""), now)
    named = {"system": "SystemStatus", "instance": "InstanceStatus", "attached_ebs": "AttachedEbsStatus"}
    return Instance(
        id=described["InstanceId"],
        state=described["State"]["Name"],
        checks={name: status[key]["Status"] for name, key in named.items() if status.get(key, {}).get("Status")},
        events=tuple(_event(each) for each in status.get("Events", ()) if not str(each.get("Description", "")).startswith(_OVER)),
        type=described.get("InstanceType", ""),
        root_device=described.get("RootDeviceType", ""),
        public_ip=described.get("PublicIpAddress") or "",
        group=tags.get(GROUP_TAG, ""),
        mark=mark,
        doubt=doubt,
        reason=described.get("StateReason", {}).get("Message", "") if described["State"]["Name"] != "running" else "",
        looked_at=now,
    )


def _believed(described, text, now):
    """Return the mark, or why what is written there does not count."""
    mark = marks.read(text)
    why = "it is not as this role writes it" if mark is None else marks.doubt(mark, described["State"]["Name"], described.get("StateTransitionReason", ""), now)
    if not text or not why:
        return mark, ""
    return None, f"its tag {marks.TAG} ({text[:100]!a}) does not count: {why}"


def _event(said):
    since = said.get("NotBefore")
    return {"code": said.get("Code", ""), "description": str(said.get("Description", ""))[:200], "not_before": since.isoformat() if since else ""}
