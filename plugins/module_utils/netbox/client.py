# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's REST API as the modules need it: find one object, create, change and delete it.

pynetbox speaks to it, because it knows the tokens of both versions; objects stay what the API returned, since pynetbox's records
make objects of their own out of a JSON field such as the conditions of an event rule.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.netbox.refusal import refusal
from ansible_collections.eventops.infra.plugins.module_utils.netbox.release import release

PYNETBOX_IMPORT_ERROR = None
try:
    import pynetbox
    import requests
    from pynetbox.core.query import Request
except ImportError:
    PYNETBOX_IMPORT_ERROR = traceback.format_exc()

_TIMEOUT_SECONDS = 60  # requests has none of its own


class NetBoxError(Exception):
    """NetBox refused a request, or could not be asked; the text says which and why."""


class NetBox:
    """One NetBox.

    Args:
        url: where it is, without `/api`.
        token: of version 1, or of version 2 (`nbt_<key>.<token>`).
        verify: whether its certificate is checked, or the path of the CA that it is checked with.
        cert: the path of a client certificate, or of that and of its key.
        headers: further headers of every request.
    """

    def __init__(self, url: str, token: str, verify: object = True, cert: object = None, headers: Mapping | None = None) -> None:
        session = requests.Session()
        session.verify = verify
        session.cert = tuple(cert) if isinstance(cert, list) else cert
        session.headers.update(headers or {})
        session.auth = lambda request: request  # without one, an entry of the user's .netrc takes the place of the token
        # Behind a redirect a POST becomes a GET: nothing is written, and the answer looks like success.
        session.max_redirects = 0
        api = pynetbox.api(url, token=token)
        session.request = _bounded(session.request, api.base_url)
        self._base, self._token, self._session = api.base_url, token, session

    def status(self) -> dict:
        """Return what NetBox says of itself."""
        status = self._ask("GET", "status", lambda request: request.get_status(), base=self._base)
        if not isinstance(status, Mapping) or not isinstance(status.get("netbox-version"), str):
            raise NetBoxError(f"expected the status of a NetBox at {self._base}/status/, with its version, got something else")
        return dict(status)

    def release(self) -> tuple[int, int]:
        """Return which NetBox it is, such as (4, 6)."""
        try:
            return release(self.status()["netbox-version"])
        except ValueError as error:
            raise NetBoxError(str(error)) from error

    def find(self, path: str, **fields: object) -> list[dict]:
        """Return the objects that have exactly these values; a filter that NetBox does not know, and ignores, finds no others."""
        found = self._ask("GET", path, lambda request: list(request.get()), filters=fields)
        return [row for row in found if all(row.get(name) == value for name, value in fields.items() if name in row)]

    def find_one(self, path: str, **fields: object) -> dict | None:
        """Return the object that has these values, or None.

        Raises:
            NetBoxError: there are several.
        """
        found = self.find(path, **fields)
        if len(found) > 1:
            described = ", ".join(f"{name} {value}" for name, value in fields.items())
            raise NetBoxError(f"expected one of {path} with {described}, got {len(found)}, with the ids {', '.join(str(row['id']) for row in found)}")
        return found[0] if found else None

    def create(self, path: str, fields: Mapping) -> dict:
        """Create an object and return it."""
        return self._ask("POST", path, lambda request: request.post(dict(fields)))

    def change(self, path: str, number: int, fields: Mapping) -> dict:
        """Change some fields of an object and return it."""
        return self._ask("PATCH", path, lambda request: request.patch(dict(fields)), key=number)

    def delete(self, path: str, number: int) -> None:
        """Delete an object."""
        self._ask("DELETE", path, lambda request: request.delete(), key=number)

    def _ask(self, verb, path, ask, base=None, **of_request):
        what = f"{verb} /api/{path}/" + (f"{of_request['key']}/" if "key" in of_request else "")
        try:
            return ask(Request(base=base or f"{self._base}/{path}", http_session=self._session, token=self._token, **of_request))
        except pynetbox.RequestError as error:
            raise NetBoxError(f"NetBox refused {what} with {error.req.status_code}: {refusal(_body(error.req))}") from error
        except pynetbox.AllocationError as error:
            raise NetBoxError(f"NetBox refused {what} with 409: {refusal(_body(error.req))}") from error
        except pynetbox.ContentError as error:
            raise NetBoxError(f"expected JSON from {what}, got something else: is {self._base} the API of a NetBox?") from error
        except requests.TooManyRedirects as error:
            raise NetBoxError(f"expected an answer to {what}, got a redirect: netbox_url must be where NetBox itself is, perhaps https") from error
        except requests.RequestException as error:
            raise NetBoxError(f"NetBox could not be asked for {what} at {self._base}: {error}") from error


def _bounded(request, base):
    def bounded(method, url, **options):
        # pynetbox goes on where a page says that the next one is, and takes the token there.
        if not url.startswith(f"{base}/"):
            raise requests.exceptions.InvalidURL(f"its pages go on at {url}; netbox_url must be where NetBox says that it is, perhaps https")
        return request(method, url, **{"timeout": _TIMEOUT_SECONDS, **options})

    return bounded


def _body(response):
    try:
        return response.json()
    except ValueError:
        return response.reason
