# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tcp check: is a connection accepted?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import what_went_wrong


async def check_tcp(addresses: Sequence[str], port: int, timeout_seconds: float) -> str | None:
    """Connect to the first of the addresses that accepts, and say what is wrong, or None.

    :param timeout_seconds: for all addresses together; each gets its share, so that a silent one does not hide the next.
    :raises Inconclusive: when this machine is at fault.
    """
    wrong = None
    for address in addresses:
        try:
            async with asyncio.timeout(timeout_seconds / len(addresses)):
                _reader, writer = await asyncio.open_connection(address, port)
        except TimeoutError:
            wrong = f"no connection to {address} port {port} within {timeout_seconds:g} s"
        except OSError as error:
            wrong = f"{what_went_wrong(error)} ({address} port {port})"
        else:
            # Nothing was sent, so there is nothing to lose: no waiting for an orderly end.
            writer.transport.abort()
            return None
    return wrong
