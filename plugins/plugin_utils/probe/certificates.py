# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of certificates that a check trusts."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache


def trust(path: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the certificates in a file, read again when it changed.

    :raises OSError: when the file cannot be read, or holds no certificates.
    """
    return _context(path, os.stat(path).st_mtime_ns)


@lru_cache(maxsize=64)  # reading takes milliseconds, and thousands of checks share a file
def _context(path: str, _changed_at: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=path)
