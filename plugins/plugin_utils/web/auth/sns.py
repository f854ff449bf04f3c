# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `sns`: messages that Amazon SNS has signed with a certificate of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import Fetch, fetch
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature

TOPIC_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
    "expected": "the ARN of a topic such as arn:aws:sns:eu-central-1:123456789012:alarms",
}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["topics"],
    "properties": {
        "topics": {"type": "array", "minItems": 1, "maxItems": 1000, "items": TOPIC_SCHEMA},
        "signature_version": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": [1, 2]}, "default": [1, 2]},
        "confirm_subscriptions": {"type": "boolean", "default": False},
        "cafile": {"type": "string", "minLength": 1},
    },
}


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes, *, fetch: Fetch = fetch) -> SnsSignature | None:
    """Make a verifier of settings that the schema has checked; roots that cannot be read go to `mistakes`.

    :param fetch: gets the certificates.
    """
    try:
        # Not at the top: no other scheme needs the package, and some distributions have an old one.
        from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.certificates import Certificates
        from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.roots import read_roots
        from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature
    except ImportError as error:
        mistakes.add(where, f"needs the Python package cryptography 45 or newer: {error}; install it for the Python that runs ansible-rulebook")
        return None
    cafile = settings.get("cafile")
    try:
        roots = read_roots(cafile)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        mistakes.add(f"{where}.cafile", f"must be a PEM file of root certificates, but {cafile or 'the roots of the system'} cannot be read: {why}")
        return None
    return SnsSignature(
        topics=frozenset(settings["topics"]),
        certificates=Certificates(roots, fetch),
        versions=frozenset(map(str, settings["signature_version"])),
        confirm_subscriptions=settings["confirm_subscriptions"],
    )
