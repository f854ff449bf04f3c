# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The schemes of authentication by the names that a rulebook uses, and the reading of an endpoint's `auth`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

from . import basic, bearer, client_certificate, hmac_signature, key, presets, sns, standard_webhooks
from .verifier import Scheme, Verifier

SCHEMES: dict[str, Scheme] = {
    "basic": Scheme(basic.SCHEMA, basic.make),
    "bearer": Scheme(bearer.SCHEMA, bearer.make),
    "client_certificate": Scheme(client_certificate.SCHEMA, client_certificate.make),
    "github": presets.GITHUB,
    "gitlab": presets.GITLAB,
    "hmac": Scheme(hmac_signature.SCHEMA, hmac_signature.make),
    "key": Scheme(key.SCHEMA, key.make),
    "netbox": presets.NETBOX,
    "sns": Scheme(sns.SCHEMA, sns.make),
    "standard_webhooks": Scheme(standard_webhooks.SCHEMA, standard_webhooks.make),
}

_ONE: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {name: scheme.schema for name, scheme in SCHEMES.items()},
    "expected": f"a mapping of one scheme to its settings; schemes are {', '.join(SCHEMES)}",
}
AUTH_SCHEMA: Mapping[str, Any] = {
    "anyOf": [_ONE, {"type": "array", "minItems": 1, "maxItems": 20, "items": _ONE}],
    "expected": "a mapping of one scheme to its settings, or a list of such, any of which suffices",
}


def read_auth(given: Mapping[str, Any] | Sequence[Mapping[str, Any]], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> tuple[Verifier, ...]:
    """Make the verifiers of an endpoint's `auth` that AUTH_SCHEMA has checked; any of them suffices.

    :param where: the path of `auth` in the rulebook; what only a closer look finds goes to `mistakes`.
    :param environment: where a secret's `env` is looked up.
    """
    written = [(given, where)] if isinstance(given, Mapping) else [(one, f"{where}[{number}]") for number, one in enumerate(given)]
    made = [SCHEMES[name].make(settings, f"{place}.{name}", environment, mistakes) for one, place in written for name, settings in one.items()]
    return tuple(verifier for verifier in made if verifier is not None)
