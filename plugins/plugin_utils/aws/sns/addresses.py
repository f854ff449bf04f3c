# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only addresses that a message may lead to: of the certificate that it is signed with, and of the confirmation of a subscription.

Each is compared as a whole with what AWS writes, so that there is nothing in it that one reader takes for a host and another for a user, a port or
a path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from .errors import NotGenuine

_REGION = r"(?P<region>[a-z]{2,4}(?:-[a-z]{2,20}){1,3}-[0-9]{1,2})"
_HOST = rf"(?P<host>sns\.{_REGION}\.(?P<domain>amazonaws\.com(?:\.cn)?))"
_CERTIFICATE = re.compile(rf"https://{_HOST}/SimpleNotificationService-[0-9a-f]{{8,128}}\.pem", re.ASCII)
_CONFIRMATION = re.compile(rf"https://{_HOST}/\?(?P<query>[A-Za-z0-9=&%:._~-]{{1,2000}})", re.ASCII)
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Endpoint:
    """SNS in one region: the host that a URL names."""

    host: str
    region: str
    domain: str

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """Return the names that the certificates of SNS are for, as AWS has used them."""
        return (
            "sns.amazonaws.com",
            *(["sns.amazonaws.com.cn"] if self.domain.endswith(".cn") else []),
            self.host,
            f"sns-signing.{self.region}.{self.domain}",
            f"sns-{self.region}.{self.domain}",
        )


def endpoint_of_certificate(url: str) -> Endpoint:
    """Return the endpoint that a SigningCertURL is of. Raises NotGenuine."""
    endpoint = _endpoint(_CERTIFICATE.fullmatch(url))
    if endpoint is None:
        raise NotGenuine(f"SigningCertURL must be https://sns.<region>.amazonaws.com/SimpleNotificationService-<hex>.pem, got {url[:_SHOWN]!r}")
    return endpoint


def require_confirmation(url: str, *, host: str, topic: str, token: str) -> None:
    """Check that a SubscribeURL confirms the subscription of this topic, with this token, at this host. Raises NotGenuine."""
    match = _CONFIRMATION.fullmatch(url)
    endpoint = _endpoint(match)
    query = sorted(parse_qsl(match["query"], keep_blank_values=True)) if match else []
    if endpoint is None or endpoint.host != host or query != [("Action", "ConfirmSubscription"), ("Token", token), ("TopicArn", topic)]:
        raise NotGenuine(f"SubscribeURL must be https://{host}/ with Action=ConfirmSubscription, and TopicArn and Token of the message")


def _endpoint(match: re.Match[str] | None) -> Endpoint | None:
    # The regions of China have a domain of their own, and nobody else is in it.
    if match is None or match["region"].startswith("cn-") != match["domain"].endswith(".cn"):
        return None
    return Endpoint(match["host"], match["region"], match["domain"])
