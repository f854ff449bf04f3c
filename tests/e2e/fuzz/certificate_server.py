# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Amazon's server of certificates on this machine: a proxy that leads every connection to a server of its own, with a root of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@contextmanager
def certificates_served(directory: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve the certificate of what `amazon.message` signs; yield the file of the root, and the environment in which it is found."""
    days = (time.time() - amazon.NOW) / 86_400
    valid = (days - 1, days + 2)
    root = amazon.certificate("Root 1", "Root 1", is_authority=True, valid=valid)
    issuer = amazon.certificate("RSA 2048 M01", "Root 1", is_authority=True, valid=valid)
    leaf = amazon.leaf(valid=valid, names=("sns.amazonaws.com", amazon.HOST))
    cafile, server = directory / "roots.pem", directory / "server.pem"
    cafile.write_bytes(amazon.pem(root))
    key = amazon.key("sns").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server.write_bytes(amazon.pem(leaf, issuer) + key)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(server)
    with _listening(tls, amazon.pem(leaf, issuer)) as port:
        yield str(cafile), {"HTTPS_PROXY": f"http://127.0.0.1:{port}", "SSL_CERT_FILE": str(cafile)}


@contextmanager
def _listening(tls: ssl.SSLContext, certificate: bytes) -> Iterator[int]:
    """Listen in a thread, since the test's own loops come and go."""
    path = amazon.CERTIFICATE_URL.rpartition("/")[2].encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await writer.start_tls(tls)
            asked = await reader.readuntil(b"\r\n\r\n")
            status, body = ("200 OK", certificate) if asked.startswith(b"GET /%b HTTP" % path) else ("404 Not Found", b"")
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    loop, listener = asyncio.new_event_loop(), None
    thread = threading.Thread(target=loop.run_forever, name="certificates", daemon=True)
    thread.start()
    try:
        listener = asyncio.run_coroutine_threadsafe(asyncio.start_server(answer, "127.0.0.1", 0), loop).result()
        yield listener.sockets[0].getsockname()[1]
    finally:
        if listener is not None:
            loop.call_soon_threadsafe(listener.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
