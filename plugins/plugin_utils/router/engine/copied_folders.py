# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ansible-rulebook copies whole for each run: nothing may lie there that cannot be copied, such as a socket."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_OF_A_COLLECTION = re.compile(r"\w+\.\w+\.\w+")


def copied_folders(playbooks: Iterable[str], inventory: str | None) -> frozenset[Path]:
    """Name the folders of the playbooks that rules run, and ansible-rulebook's own inventory where that is a folder.

    Of a collection's playbook only the file is copied. One whose name is a template is taken to lie in the working directory, from where names count.

    :param playbooks: as rules name them.
    :param inventory: what ansible-rulebook was started with.
    """
    folders = {_folder(name) for name in playbooks} - {None}
    inventories = {Path(inventory).absolute()} if inventory is not None and Path(inventory).is_dir() else set()
    return frozenset(folders | inventories)


def _folder(playbook: str) -> Path | None:
    if "{{" in playbook or "{%" in playbook:
        return Path.cwd()
    path = Path(playbook)
    return None if _OF_A_COLLECTION.fullmatch(playbook) and not path.exists() else path.absolute().parent
