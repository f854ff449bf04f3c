# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets where a rulebook may put them: as a value, in an environment variable or in a file. No message shows any of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

MAX_SECRET_LENGTH = 4096
_VALUE = {"type": "string", "minLength": 1, "maxLength": MAX_SECRET_LENGTH, "writeOnly": True}
ENVIRONMENT_VARIABLE = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "expected": "the name of an environment variable"}

SECRET_SCHEMA: Mapping[str, Any] = {
    "anyOf": [
        _VALUE,
        {
            "type": "object",
            "additionalProperties": False,
            "oneOf": [{"required": ["value"]}, {"required": ["env"]}, {"required": ["file"]}],
            "properties": {"value": _VALUE, "env": ENVIRONMENT_VARIABLE, "file": {"type": "string", "minLength": 1}},
        },
    ],
    "expected": "a secret, or a mapping with one of value, env, file",
}
SECRETS_SCHEMA: Mapping[str, Any] = {"type": "array", "minItems": 1, "maxItems": 100, "items": SECRET_SCHEMA}


# Looks at one secret: what is wrong with it goes to the mistakes, by its place in the rulebook.
Check = Callable[[str, str, Mistakes], bool]


def read_secrets(given: Sequence[Any], where: str, environment: Mapping[str, str], mistakes: Mistakes, check: Check) -> tuple[str, ...]:
    """Return the secrets of a list that the schema has checked; what cannot be read, and what `check` refuses, goes to `mistakes`."""
    found = []
    for number, written in enumerate(given):
        place = f"{where}[{number}]"
        secret = read_secret(written, place, environment, mistakes)
        if secret is None or not check(secret, place, mistakes):
            continue
        if secret in found:
            mistakes.add(place, "is the same as another; leave one out")
        found.append(secret)
    return tuple(found)


def read_secret(written: str | Mapping[str, str], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> str | None:
    """Read one secret from where it stands; white space around one in a variable or a file does not belong to it."""
    if isinstance(written, str):
        return written
    if "env" in written:
        secret = environment.get(written["env"], "").strip()
        if not secret:
            mistakes.add(f"{where}.env", f"the environment variable {written['env']} is not set; set it for ansible-rulebook")
    elif "file" in written:
        secret = _from_file(written["file"], f"{where}.file", mistakes)
    else:
        secret = next(iter(written.values()))
    return secret or None


def _from_file(path: str, where: str, mistakes: Mistakes) -> str | None:
    try:
        with open(Path(path).expanduser(), encoding="utf-8") as file:
            secret = file.read(MAX_SECRET_LENGTH + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        mistakes.add(where, f"must be a file with a secret, but {path} cannot be read: {why}")
        return None
    if not secret or len(secret) > MAX_SECRET_LENGTH:
        mistakes.add(where, f"must be a file with a secret of 1 to {MAX_SECRET_LENGTH} characters, but {path} has {'nothing in it' if not secret else 'more'}")
        return None
    return secret
