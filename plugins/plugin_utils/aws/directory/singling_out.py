# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single out the name that AWS does not take among many. An event brought it, and the others that are asked for with it must not suffer for that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import INVALID, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Absent, Fact
from botocore.exceptions import ClientError


async def asked_for_each(
    names: Sequence[str], ask: Callable[[Sequence[str]], Awaitable[Mapping[str, Fact]]], learned: Callable[[Mapping[str, Fact]], None] = lambda found: None
) -> dict[str, Fact]:
    """Ask for names, all at once where AWS takes them, and return what it says of each. Where it takes none, that is twice as many requests as names.

    Raises AWS_ERRORS, but not for the sake of names.

    :param learned: gets each part of the answer at once. Somebody who means harm may send so many bad names that AWS throttles in the middle: whoever asks
        again need then ask only for the rest.
    """
    found: dict[str, Fact] = {}
    left = [names]
    while left:
        part = left.pop()
        try:
            said = await ask(part)
        except ClientError as error:
            if failure_of(error).kind != INVALID:
                raise
            if len(part) > 1:
                left += [part[: len(part) // 2], part[len(part) // 2 :]]
                continue
            said = {part[0]: Absent("AWS does not take it for a name", for_good=True)}
        learned(said)
        found.update(said)
    return found
