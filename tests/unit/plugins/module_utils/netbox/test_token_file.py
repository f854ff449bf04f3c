# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file that keeps a token."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.netbox.token_file import TokenFile

V2 = {"version": 2, "key": "AbCdEfGhIjKl", "display": "AbCdEfGhIjKl"}
V1 = {"version": 1, "key": None, "display": "**********************************9fe3b1"}


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(str(tmp_path / "token"))


def written(file: TokenFile, token: str) -> TokenFile:
    with file.place() as place:
        place.write(token)
    return file


def test_the_token_is_written_for_its_owner_alone(file: TokenFile) -> None:
    written(file, "nbt_AbCdEfGhIjKl.secret")

    assert file.path.read_text() == "nbt_AbCdEfGhIjKl.secret\n"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.path.parent.iterdir()) == [file.path]


def test_what_is_not_written_in_the_end_leaves_the_old_file(file: TokenFile) -> None:
    written(file, "old")

    with pytest.raises(RuntimeError), file.place():
        raise RuntimeError

    assert file.path.read_text() == "old\n"
    assert list(file.path.parent.iterdir()) == [file.path]


def test_a_directory_that_is_missing_is_told_before_there_is_a_token(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), TokenFile(str(tmp_path / "missing" / "token")).place():
        pytest.fail("there is nowhere to write to")


@pytest.mark.parametrize(
    ("token", "described", "holds"),
    [
        ("nbt_AbCdEfGhIjKl.secret", V2, True),
        ("nbt_ZZZZZZZZZZZZ.secret", V2, False),
        ("nbt_AbCdEfGhIjKl.secret", V1, False),
        ("0123456789abcdef0123456789abcdef019fe3b1", V1, True),
        ("0123456789abcdef0123456789abcdef01234567", V1, False),
        ("0123456789abcdef0123456789abcdef019fe3b1", {"key": "0123456789abcdef0123456789abcdef019fe3b1"}, True),
        ("9fe3b1", V2, False),
        ("", V1, False),
        ("x", {}, False),
    ],
)
def test_it_is_known_by_what_netbox_goes_on_showing(file: TokenFile, token: str, described: dict, holds: bool) -> None:
    assert written(file, token).holds(described) is holds


def test_a_file_that_is_missing_has_no_token(file: TokenFile) -> None:
    assert not file.holds(V2)


def test_a_file_that_others_may_read_is_not_private(file: TokenFile) -> None:
    written(file, "token").path.chmod(0o644)
    assert not file.is_private

    file.make_private()

    assert file.is_private
