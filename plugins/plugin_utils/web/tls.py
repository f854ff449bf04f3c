# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS for what listens."""

from __future__ import annotations

import ssl


def server_context(certfile: str, keyfile: str | None = None) -> ssl.SSLContext:
    """Return a server's TLS context: version 1.2 and later, the interpreter's choice of ciphers.

    :param certfile: PEM file of the certificate and those that lead to its root.
    :param keyfile: PEM file of its key; None: it stands in certfile. A key with a passphrase is refused, since nobody is there to type it.
    :raises OSError: when the files cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certfile, keyfile, password=_nobody_there)
    return context


def _nobody_there() -> str:
    raise OSError("the key has a passphrase; write it without one, readable by this user alone")
