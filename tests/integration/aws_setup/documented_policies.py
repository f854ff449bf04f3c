# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies that docs/ show, by the heading that they are under, and who runs under them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.documents import DOCS

ENFORCED = Path(__file__).absolute().parent / "enforced"
if str(ENFORCED) not in sys.path:
    sys.path.insert(0, str(ENFORCED))  # its modules import one another as a process of Ansible does

PAGE = "aws_iam.md"


def sections(page: str = PAGE) -> dict[str, list[dict]]:
    """Return the policies of a page by heading."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found: dict[str, list[dict]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE):
        heading = part.partition("\n")[0].strip()
        blocks = re.findall(r"^```json\n(.*?)^```", part, re.DOTALL | re.MULTILINE)
        policies = [block for block in map(json.loads, blocks) if "Statement" in block]
        if policies:
            found[heading] = policies
    return found


def actions_of(policies: Sequence[Mapping]) -> list[tuple[str, str]]:
    """Return every action that policies grant, with the Sid of its statement."""
    listed = [(statement["Sid"], statement["Action"]) for policy in policies for statement in policy["Statement"]]
    return [(sid, action) for sid, actions in listed for action in ([actions] if isinstance(actions, str) else actions)]


@dataclass(frozen=True)
class Calls:
    """What was asked of IAM, as it was written down."""

    log: Path

    def _rows(self) -> Iterator[dict]:
        if self.log.exists():
            yield from map(json.loads, self.log.read_text(encoding="utf-8").splitlines())

    @property
    def denied(self) -> list[str]:
        """The actions that no policy allowed, each once."""
        return sorted({f"{row['action']} {row['resource']}" for row in self._rows() if not row["granted"]})

    @property
    def used(self) -> set[tuple[str, str]]:
        """The statements and actions that allowed something."""
        return {(sid, action) for row in self._rows() for sid, action in row["granted"]}

    def unused(self, policies: Sequence[Mapping]) -> list[tuple[str, str]]:
        """Return what policies grant and nothing has used."""
        return [granted for granted in actions_of(policies) if granted not in self.used]
