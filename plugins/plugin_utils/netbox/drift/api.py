# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's REST API by the few requests that a comparison needs: pages of objects, and single writes. It runs where Ansible runs, and needs nothing else."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

from ansible.module_utils.urls import open_url

_PAGE = 500  # half of the most that NetBox gives by default
_MOST_PAGES = 200
_MOST_BYTES = 64 * 2**20
_AGENT = "eventops.infra"


class NetBoxError(Exception):
    """NetBox cannot be asked, or refuses; the message says what was asked, what came and what to do, and holds no token."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NetBox:
    """A NetBox.

    Args:
        url: where its pages begin, such as https://netbox.example.com.
        token: of version 2 (nbt_...) or 1.
        validate_certs: whether its certificate is checked.
        ca_path: a file of certificates to trust; None: the system's.
        timeout_seconds: for each request.

    Raises NetBoxError when the URL or the token cannot be right.
    """

    def __init__(self, url: str, token: str, *, validate_certs: bool = True, ca_path: str | None = None, timeout_seconds: float = 30) -> None:
        self.url = url.rstrip("/").removesuffix("/api")
        try:
            parts = urlsplit(self.url)
            right = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and not parts.query and not parts.fragment
        except ValueError:
            right = False
        if not right:
            raise NetBoxError("the URL must be http:// or https:// and a host, without user, password or query, such as https://netbox.example.com")
        token = token.strip()
        if not re.fullmatch(r"[!-~]+", token):
            raise NetBoxError("the token must be given, and of visible ASCII characters only: set the variable, or NETBOX_TOKEN in the environment")
        self._options = {
            "validate_certs": validate_certs,
            "ca_path": ca_path,
            "timeout": timeout_seconds,
            "http_agent": _AGENT,
            # The token goes to this address and to no other, and no other goes in its place.
            "follow_redirects": "none",
            "use_netrc": False,
        }
        self._headers = {
            "Authorization": f"{'Bearer' if token.startswith('nbt_') else 'Token'} {token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }

    def get(self, path: str, parameters: Sequence[tuple[str, Any]] = ()) -> dict[str, Any]:
        """Read one object, or one page. Raises NetBoxError."""
        return self._ask("GET", f"{path}?{urlencode(parameters)}" if parameters else path)

    def all(self, path: str, parameters: Sequence[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield all objects that fit, page by page; never by the URLs that NetBox gives, which may be those of another machine. Raises NetBoxError."""
        for number in range(_MOST_PAGES):
            page = self.get(path, [*parameters, ("limit", _PAGE), ("offset", number * _PAGE)])
            results = page.get("results")
            if not isinstance(results, list):
                raise NetBoxError(f"{self.url}{path} must answer with results, and did not: is it NetBox's?")
            yield from results
            if not page.get("next"):
                return
        raise NetBoxError(f"{self.url}{path} has more than {_MOST_PAGES * _PAGE} objects: does it ignore a filter?")

    def write(self, method: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """Create (POST) or change (PATCH) one object. Raises NetBoxError."""
        return self._ask(method, path, json.dumps(values).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        what = f"{method} {self.url}{path.partition('?')[0]}"
        try:
            with open_url(f"{self.url}{path}", data=body, headers=self._headers, method=method, **self._options) as response:
                answer = response.read(_MOST_BYTES + 1)
        except HTTPError as error:
            raise NetBoxError(f"{what} was answered with {error.code}: {_said(error)}{_advice(error.code)}", error.code) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise NetBoxError(f"{what} got no answer: {str(reason)[:300]}. Check the address, and that NetBox runs") from None
        if len(answer) > _MOST_BYTES:
            raise NetBoxError(f"{what} was answered with more than {_MOST_BYTES} bytes")
        try:
            read = json.loads(answer)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise NetBoxError(f"{what} must be answered with a JSON object, and was not: is it NetBox's address, with a path where it has one?")
        return read


def _said(error: HTTPError) -> str:
    try:
        text = error.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException, ValueError):
        text = ""
    return " ".join(text.split())[:300] or "no reason given"


def _advice(status: int) -> str:
    if status in (401, 403):
        return ". Check that the token is right, enabled and not expired, and that its user may do this"
    if status in (301, 302, 303, 307, 308):
        return ". Give the address that it redirects to"
    return ""
