# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decisions of the policy, as values: what becomes of a case. The files of cases/ carry them out and write them down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    """Follow the case and dispatch it when its turn comes."""


@dataclass(frozen=True)
class Go:
    """Dispatch it now."""


@dataclass(frozen=True)
class Observe:
    """Write down what would have been done, and do nothing."""

    why: str


@dataclass(frozen=True)
class Suppress:
    """Do nothing; `unresolved` asks for a `case.unresolved` event, so that a person learns of it."""

    why: str
    unresolved: bool = False


@dataclass(frozen=True)
class Ask:
    """Wait for a person to approve, until the given time."""

    until: float
    why: str


@dataclass(frozen=True)
class Resolve:
    """The case is over."""

    why: str


@dataclass(frozen=True)
class Verify:
    """Wait for the monitor to say that the alert is resolved, until the given time."""

    until: float
    why: str


@dataclass(frozen=True)
class Wait:
    """Wait: for the given time or, where it is None, until what `waits_for` names is lifted."""

    until: float | None
    why: str
    waits_for: str


@dataclass(frozen=True)
class Exhaust:
    """Give up and call a person."""

    why: str


@dataclass(frozen=True)
class Unmatched:
    """No rule took it."""

    why: str


Decision = Open | Go | Observe | Suppress | Ask | Resolve | Verify | Wait | Exhaust | Unmatched
