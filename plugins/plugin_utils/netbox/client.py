# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's REST API from asyncio: pynetbox asks, in a thread of its own, and what comes back are the objects as JSON has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from typing import Any

import pynetbox
import requests
from pynetbox.core.query import TOKEN_PREFIX, Request

from .access import Access, Query
from .errors import NetBoxDenied, NetBoxRefused, NetBoxUnavailable, NoSuchEndpoint

_SAID_LENGTH = 300
_DENIED = (401, 403)
_TRY_AGAIN = (408, 425, 429)


class NetBox:
    """Asks one NetBox, one request after another. Each method raises the errors of errors.py.

    A session of requests is not made for several threads, so there is one thread; it never holds up the event loop.
    """

    def __init__(self, access: Access) -> None:
        self.url = access.url
        self._access = access
        self._api = pynetbox.api(access.url, token=access.token, strict_filters=True)
        self._api.http_session = _session(access)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="eventops netbox")

    def is_since(self, major: int, minor: int) -> bool:
        """Tell whether NetBox is known to be of a version or later, by its newest answer: it may be upgraded at any time."""
        return self._api.http_session.version >= (major, minor)

    async def page(self, path: str, query: Query, limit: int) -> list[dict[str, Any]]:
        """Return the first objects of a list, at most `limit`.

        :param path: below /api/, such as `virtualization/virtual-machines`.
        :param query: NetBox's own query parameters; one that it does not know is ignored there.
        """
        found = await self._in_thread(lambda: self._first(path, query, limit), f"GET {path}")
        if not all(isinstance(each, dict) and "id" in each for each in found):
            raise NetBoxUnavailable(f"its answer to GET {path} is no list of objects; is {self.url} the address of NetBox?")
        return found

    async def pages(self, path: str, query: Query, page_size: int) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield all objects of a list by their ids, in pages; what comes or goes meanwhile moves none of the others."""
        after = 0
        while page := await self.page(path, [*query, ("id__gt", after), ("ordering", "id")], page_size):
            yield page
            if len(page) < page_size:
                break
            after = page[-1]["id"]

    async def one(self, path: str, number: int) -> dict[str, Any]:
        """Return one object. Raises NoSuchEndpoint when there is none with this id."""
        request = self._request(f"{path}/{number}")
        return await self._in_thread(lambda: next(iter(request.get())), f"GET {path}/{number}")

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object and return it."""
        return await self._in_thread(partial(self._request(path).post, dict(body)), f"POST {path}")

    async def change(self, path: str, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change some fields of an object and return it."""
        return await self._in_thread(partial(self._request(f"{path}/{number}").patch, dict(body)), f"PATCH {path}/{number}")

    async def status(self) -> dict[str, Any]:
        """Return what NetBox says of itself, with its version."""
        return await self._in_thread(self._api.status, "GET status")

    async def unknown_filters(self, path: str, query: Query) -> str:
        """Return what NetBox's own schema says against some query parameters, nothing when it knows them all."""
        endpoint = reduce(getattr, path.replace("-", "_").split("/"), self._api)

        def check() -> str:
            try:
                endpoint.filter(**_as_keywords(query))
            except pynetbox.ParameterValidationError as error:
                return str(error)
            return ""

        return await self._in_thread(check, f"GET {path}")

    def close(self) -> None:
        """Give the thread back; a request that is on its way ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _request(self, path: str, query: Query = (), limit: int | None = None, offset: int | None = None) -> Request:
        of_page = {"filters": _several(query), "limit": limit, "offset": offset}
        return Request(f"{self._api.base_url}/{path}", self._api.http_session, token=self._access.token, **of_page)

    def _first(self, path: str, query: Query, limit: int) -> list[Any]:
        """Read as many requests as it takes where NetBox's pages are smaller; by offset, for the address that it gives of the next one may be anybody's."""
        found: list[Any] = []
        while len(found) < limit:
            request = self._request(path, query, limit - len(found), len(found))
            page = list(request.get())
            found += page
            if not page or len(found) >= request.count:
                break
        return found[:limit]

    async def _in_thread(self, function: Callable[[], Any], what: str) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, function)
        except pynetbox.RequestError as error:
            raise _of_answer(error.req, what, self.url) from error
        except (pynetbox.ContentError, pynetbox.AllocationError) as error:
            raise NetBoxUnavailable(f"its answer to {what} is not JSON; is {self.url} the address of NetBox?") from error
        except requests.RequestException as error:
            raise NetBoxUnavailable(f"{what}: {_reason(error)}") from error
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise NetBoxUnavailable(f"its answer to {what} cannot be read ({type(error).__name__}); is {self.url} the address of NetBox?") from error


class _Session(requests.Session):
    """A session whose every request has the token, and nothing of the user's netrc, and ends in time."""

    def __init__(self, token: str, timeout_seconds: float) -> None:
        super().__init__()
        self.version = (0, 0)  # nothing is known of it before the first answer
        self._timeout_seconds = timeout_seconds
        self.headers["Authorization"] = f"{'Bearer' if token.startswith(TOKEN_PREFIX) else 'Token'} {token}"
        self.auth = _keep_authorization

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout_seconds)
        # A redirect would carry the token to wherever it points.
        kwargs["allow_redirects"] = False
        # What is configured, not the environment's REQUESTS_CA_BUNDLE, which outweighs a session's own; that stands for the system's certificates.
        if self.verify is not True:
            kwargs["verify"] = self.verify
        response = super().request(*args, **kwargs)
        self.version = _version(response) or self.version
        if response.is_redirect:
            sends = f"it answered {response.status_code} and sends us elsewhere"
            raise requests.RequestException(f"{sends}; write the address that it sends to as url, with https if need be")
        return response


def _version(response: requests.Response) -> tuple[int, int] | None:
    """Read the header that NetBox's API says its version in, such as 4.6; a proxy's own answer has none."""
    major, dot, minor = response.headers.get("API-Version", "").partition(".")
    return (int(major), int(minor)) if all(part.isascii() and part.isdigit() and len(part) < 6 for part in (major, minor)) else None


def _session(access: Access) -> _Session:
    session = _Session(access.token, access.timeout_seconds)
    session.verify = access.cafile or access.verify
    if access.certfile:
        session.cert = (access.certfile, access.keyfile) if access.keyfile else access.certfile
    return session


def _keep_authorization(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _several(query: Query) -> dict[str, list[str | int]]:
    """Group a query by name: `id=1&id=2` is one name with two values."""
    grouped: dict[str, list[str | int]] = {}
    for name, value in query:
        grouped.setdefault(name, []).append(value)
    return grouped


def _as_keywords(query: Query) -> dict[str, Any]:
    return {name: values if len(values) > 1 else values[0] for name, values in _several(query).items()}


def _of_answer(response: requests.Response, what: str, url: str) -> Exception:
    said = " ".join(response.text.split())[:_SAID_LENGTH] or response.reason
    if response.status_code in _DENIED:
        return NetBoxDenied(f"{what}: {response.status_code}, {said}. Check the token, and that its user has the permission")
    if response.status_code == 404:
        return NoSuchEndpoint(f"{what}: 404; is {url} the address of NetBox, and is the object there?")
    if response.status_code in _TRY_AGAIN or response.status_code >= 500:
        return NetBoxUnavailable(f"{what}: {response.status_code} {response.reason}", _retry_after(response))
    return NetBoxRefused(f"{what}: {response.status_code}, {said}", response.status_code)


def _retry_after(response: requests.Response) -> float | None:
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isascii() and given.isdigit() and len(given) < 6 else None


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"its certificate is not trusted: {error}"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    return f"{type(error).__name__} {error}"
