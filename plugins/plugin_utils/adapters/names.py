# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an adapter asks a directory, such as that of AWS, and what it answers: how hosts are called that an event names otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from, as far as it says: names are only unique within a region of an account."""

    region: str = ""
    account: str = ""

    @classmethod
    def of_arn(cls, arn: object) -> Origin:
        """Return what an ARN says (arn:partition:service:region:account:resource); nothing, where it is none."""
        parts = arn.split(":", 5) if isinstance(arn, str) else []
        return cls(parts[3], parts[4]) if len(parts) == 6 and parts[0] == "arn" else cls()


@dataclass(frozen=True, slots=True)
class Question:
    """How is it called, `by` this property of it: what an event names by this value?

    `of` is what the value was found as: the name of a label, or the last key of a path. `beside` are the other labels. With `instances` the names of
    the machines are asked for that a group consists of, or a service runs on. `origin` is the event's.
    """

    by: str
    value: str
    of: str = ""
    beside: Mapping[str, object] = field(default_factory=dict)
    instances: bool = False
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Lost:
    """What has no name that could be a host's, and why."""

    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Names, each with what it is the name of, and what is without one."""

    names: tuple[tuple[str, str], ...] = ()
    lost: tuple[Lost, ...] = ()


Names = Callable[[Question], Answer]


def no_directory(question: Question) -> Answer:
    """Answer where there is no directory; rules that need one are refused with the configuration (configured.py)."""
    return Answer(lost=(Lost(question.value, f"nobody is there to ask for {question.by}"),))
