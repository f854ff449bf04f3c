# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read SSH public keys as `ssh_host_ed25519_key.pub` has them: RFC 4253 section 6.6, with OpenSSH's names."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

MAX_KEYS = 16
MAX_KEY_CHARACTERS = 16_384
_KINDS = re.compile(r"ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com")
_EXPECTED = "a public key a line, such as ssh-ed25519 AAAA..., as it is in /etc/ssh/ssh_host_ed25519_key.pub"


class NotAKey(ValueError):
    """A text is no public key; the message says where, what was expected and what came."""


def public_keys(given: object, where: str) -> tuple[str, ...]:
    """Return the keys of a text or a list of texts, each as kind and base64, without its comment. Raises NotAKey."""
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise NotAKey(f"{where}: must be {_EXPECTED}, and is none")
    if sum(len(text) for text in texts) > MAX_KEY_CHARACTERS:
        raise NotAKey(f"{where}: must have at most {MAX_KEY_CHARACTERS} characters")
    lines = [line.strip() for text in texts for line in text.splitlines()]
    keys = tuple(dict.fromkeys(_key(line, where) for line in lines if line and not line.startswith("#")))
    if not keys:
        raise NotAKey(f"{where}: must be {_EXPECTED}, and is empty")
    if len(keys) > MAX_KEYS:
        raise NotAKey(f"{where}: must have at most {MAX_KEYS} keys, got {len(keys)}")
    return keys


def fingerprint(key: str) -> str:
    """Return the fingerprint of a key that `public_keys` has read, as ssh and ssh-keygen show it: `SHA256:... (ED25519)`."""
    kind, _space, encoded = key.partition(" ")
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(encoded)).digest()).decode("ascii").rstrip("=")
    return f"SHA256:{digest} ({_name(kind)})"


def _name(kind: str) -> str:
    """Return what ssh calls a kind of key in its messages."""
    name = next(name for name in ("ed25519", "rsa", "ecdsa") if name in kind).upper()
    return f"{name}-SK" if kind.startswith("sk-") else name


def _key(line: str, where: str) -> str:
    kind, _space, rest = line.partition(" ")
    encoded = rest.strip().partition(" ")[0]
    if not _KINDS.fullmatch(kind):
        raise NotAKey(f"{where}: must be {_EXPECTED}, got a line that begins with {kind[:40]!r}")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAKey(f"{where}: {kind} must be followed by its key in base64: {error}") from error
    # The blob names its own kind first, after four bytes of length.
    if blob[:4] != len(kind).to_bytes(4, "big") or blob[4 : 4 + len(kind)] != kind.encode() or len(blob) <= 4 + len(kind):
        raise NotAKey(f"{where}: {kind} must be followed by its key in base64, and what follows is no such key")
    return f"{kind} {encoded}"
