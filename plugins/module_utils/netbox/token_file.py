# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file that keeps a token, readable by its owner alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

_PREFIX = "nbt_"  # of every token of version 2; then its key, a point and what is secret
_MODE = 0o600
_VISIBLE = 6  # of a token of version 1, NetBox shows the last characters


class TokenFile:
    """A file with one token, and a line break.

    Args:
        path: where it is; its directory must be there.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @property
    def is_private(self) -> bool:
        """Whether nobody but its owner may read it."""
        return not self.path.exists() or self.path.stat().st_mode & 0o777 == _MODE

    def holds(self, token: Mapping) -> bool:
        """Say whether it has the token that NetBox describes, as far as that can be seen from the description."""
        try:
            written = self.path.read_text(encoding="utf-8").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return False
        if written.startswith(_PREFIX):
            return bool(token.get("key")) and written[len(_PREFIX) :].partition(".")[0] == token["key"]
        shown = str(token.get("key") or token.get("display") or "")
        return len(written) >= _VISIBLE and len(shown) >= _VISIBLE and written[-_VISIBLE:] == shown[-_VISIBLE:]

    @contextlib.contextmanager
    def place(self) -> Iterator[Place]:
        """Make sure that something can be written before there is a token to lose; what is not written in the end leaves nothing behind.

        Raises:
            OSError: it cannot be written.
        """
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")  # its mode is 0600
        try:
            with open(handle, "w", encoding="utf-8") as file:
                yield Place(file, name, self.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)

    def make_private(self) -> None:
        """Take the file from everybody but its owner."""
        self.path.chmod(_MODE)

    def remove(self) -> None:
        """Remove the file, if it is there."""
        self.path.unlink(missing_ok=True)


class Place:
    """An open file that takes the place of another once it is written."""

    def __init__(self, file, name: str, path: Path) -> None:
        self._file, self._name, self._path = file, name, path

    def write(self, token: str) -> None:
        """Write the token and put the file where it belongs, on the disk before anything depends on it."""
        self._file.write(token + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        os.replace(self._name, self._path)
