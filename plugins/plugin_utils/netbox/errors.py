# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong when NetBox is asked: one class for each thing that is done about it."""

from __future__ import annotations


class NetBoxError(Exception):
    """NetBox did not do what was asked; the message says what was asked and what came."""


class NetBoxUnavailable(NetBoxError):
    """It may do so later; `retry_after_seconds` is when, where it said so."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NetBoxDenied(NetBoxError):
    """The token is not valid, or its user lacks a permission. A person has to mend that."""


class NoSuchEndpoint(NetBoxError):
    """There is nothing at this path: another version, another program, or an object that is gone."""


class NetBoxRefused(NetBoxError):
    """NetBox does not take what was sent, now or later."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
