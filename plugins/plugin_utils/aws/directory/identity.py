# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask whose account it is. No policy is needed for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Fact, Identity

MOST_IDENTITIES = 1


async def identity(sts: Any, names: Sequence[str], _scope: str) -> Mapping[str, Fact]:
    """Ask for the number of the account."""
    account = (await sts.get_caller_identity())["Account"]
    return dict.fromkeys(names, Identity(account))
