# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single out a name that AWS does not take, which came with an event: it shall not be the trouble of all others that are asked for with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import INVALID, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Absent, Fact
from botocore.exceptions import ClientError

# One among 200 is found with 17. Where that is not enough, it is not the names that are wrong.
_MOST_REQUESTS = 40


async def asked_for_each(names: Sequence[str], ask: Callable[[Sequence[str]], Awaitable[Mapping[str, Fact]]]) -> dict[str, Fact]:
    """Ask for names, all at once where AWS takes them, and return what it says of them.

    Raises AWS_ERRORS: also when it refuses so many that it will hardly be for their sake.
    """
    found: dict[str, Fact] = {}
    left, requests = [names], 0
    while left:
        part = left.pop()
        requests += 1
        try:
            found.update(await ask(part))
        except ClientError as error:
            if failure_of(error).kind != INVALID or requests >= _MOST_REQUESTS:
                raise
            if len(part) == 1:
                found[part[0]] = Absent("AWS does not take it for a name")
            else:
                left += [part[: len(part) // 2], part[len(part) // 2 :]]
    return found
