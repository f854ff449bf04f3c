# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose account a module's credentials are of, and what the names in it begin with."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask


@dataclass(frozen=True)
class Account:
    """An account in a region.

    Attributes:
        number: of twelve digits.
        region: such as eu-central-1.
        partition: aws, aws-cn or aws-us-gov; ARNs begin with it.
    """

    number: str
    region: str
    partition: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a thing in it."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.number}:{resource}"


def account(sts: object, region: str) -> Account:
    """Ask AWS, which needs no permission.

    Args:
        sts: a client of boto3.
        region: of what is meant.

    Raises:
        AWSError: AWS refused.
    """
    told = ask(sts, "get_caller_identity", "it was asked whose account this is")
    return Account(told["Account"], region, told["Arn"].split(":")[1])
