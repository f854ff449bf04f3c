# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sockets of an address to listen on: one for each family that it has."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack

_WAITING = 512  # connections that the kernel keeps until they are accepted; it may have a lower limit of its own


async def listening_sockets(host: str | None, port: int) -> list[socket.socket]:
    """Open the sockets of an address.

    :param host: None: all addresses of this machine.
    :raises OSError: when the address is not free, or not this machine's.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        for family, kind, protocol, _name, address in dict.fromkeys(found):
            if port == 0 and sockets:  # any port that is free, but the same for all families
                address = (address[0], sockets[0].getsockname()[1], *address[2:])
            try:
                each = opened.enter_context(socket.socket(family, kind, protocol))
            except OSError:  # a kernel without IPv6 still names its addresses
                continue
            _listen(each, family, address)
            sockets.append(each)
        if not sockets:
            raise OSError(f"no address of {host} can be used")
        opened.pop_all()
    return sockets


def _listen(each: socket.socket, family: int, address: tuple) -> None:
    each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has a socket of its own
    each.setblocking(False)
    try:
        each.bind(address)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror.lower()} ({address[0]} port {address[1]})") from None
    each.listen(_WAITING)
