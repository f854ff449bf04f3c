# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox answers when it does not do what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Invalid(ValueError):
    """The value of one field is refused."""


class Refused(Exception):
    """A request is refused.

    Args:
        status: of the answer.
        body: of the answer, as JSON.
    """

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"HTTP {status}: {body}")
        self.status = status
        self.body = body


def invalid(errors: Mapping[str, Sequence[str]]) -> Refused:
    """Return the refusal of what was sent, by the names of its fields."""
    return Refused(400, {name: list(texts) for name, texts in errors.items()})


def detail(status: int, text: str) -> Refused:
    """Return a refusal with one sentence."""
    return Refused(status, {"detail": text})


def forbidden() -> Refused:
    """Return the refusal of what the user has no permission for."""
    return detail(403, "You do not have permission to perform this action.")


def not_found(class_name: str) -> Refused:
    """Return the refusal of what does not exist, or what the user may not see."""
    return detail(404, f"No {class_name} matches the given query.")
