# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `client_certificate`: the certificate that the sender showed when the connection was made, which the listener has checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

from .delivery import Delivery
from .verifier import NotAllowed, NotAuthenticated

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "subjects": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "items": {"type": "string", "minLength": 1, "maxLength": 2048},
            "expected": "a list of common names, DNS names and URIs, as they stand in the certificates",
        }
    },
}


@dataclass(frozen=True)
class ClientCertificate:
    """Knows a sender by a certificate of the listener's authority (`cafile`).

    `subjects` None: all of them are welcome. `hosts` are the same in small letters, since the name of a host means the same in any.
    """

    subjects: frozenset[str] | None = None
    hosts: frozenset[str] = frozenset()
    reads_body: bool = False

    def verify(self, delivery: Delivery) -> None:
        """Raise NotAuthenticated when there is no certificate, NotAllowed when it is somebody else's."""
        if not delivery.peer_certificate:  # Python shows an empty one for what was not checked
            raise NotAuthenticated("the connection has no client certificate, by which its sender is known here")
        if self.subjects is not None and not any(self._is_welcome(kind, name) for kind, name in _names_of(delivery.peer_certificate)):
            raise NotAllowed("the client certificate is right, but none of its names may send here")

    def _is_welcome(self, kind: str, name: str) -> bool:
        return name.lower() in self.hosts if kind == "DNS" else name in (self.subjects or ())


def _names_of(certificate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names of a certificate with their kind."""
    for kind, value in certificate.get("subjectAltName", ()):
        if kind in ("DNS", "URI"):
            yield kind, value
    for part in certificate.get("subject", ()):
        yield from ((kind, value) for kind, value in part if kind == "commonName")


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> ClientCertificate:
    """Make a verifier of settings that the schema has checked."""
    subjects = settings.get("subjects")
    return ClientCertificate() if subjects is None else ClientCertificate(frozenset(subjects), frozenset(name.lower() for name in subjects))
