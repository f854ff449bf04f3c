# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS for what listens."""

from __future__ import annotations

import ssl


def server_context(certfile: str, keyfile: str | None = None, *, cafile: str | None = None, client_certificate_is_required: bool = True) -> ssl.SSLContext:
    """Return a server's TLS context: version 1.2 and later, the interpreter's choice of ciphers.

    :param certfile: PEM file of the certificate and those that lead to its root.
    :param keyfile: PEM file of its key; None: it stands in certfile. A key with a passphrase is refused, since nobody is there to type it.
    :param cafile: PEM file of the authorities whose client certificates are taken, of those that the system trusts none; None: clients are not
        asked for one.
    :param client_certificate_is_required: with cafile: whether a client without one is turned away, or taken as one that has shown none. One that
        is not of these authorities is turned away in any case.
    :raises OSError: when the files cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # costs the server more than the client, and nobody needs it
    context.load_cert_chain(certfile, keyfile, password=_nobody_there)
    if cafile is not None:
        context.load_verify_locations(cafile)
        context.verify_mode = ssl.CERT_REQUIRED if client_certificate_is_required else ssl.CERT_OPTIONAL
    return context


def _nobody_there() -> str:
    raise OSError("the key has a passphrase; write it without one, readable by this user alone")
