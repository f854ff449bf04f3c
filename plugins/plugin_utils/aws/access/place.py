# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where in AWS something is: an account, as it is reached, and a region."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Access:
    """How an account is reached: what is None comes by AWS's usual chain, from the environment, a profile, or the machine's own role.

    With `role_arn` that role is assumed, by what the chain gives, or by the token in `web_identity_token_file`. `endpoint_url` is for all services,
    instead of AWS's own.
    """

    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = field(default=None, repr=False)
    web_identity_token_file: str | None = None
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an account; `account` is what the configuration calls it."""

    account: str
    region: str
    access: Access = Access()

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"
