# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The certificates of SNS that have been seen: each is fetched once, however many messages come at once, and so is what turned out to be none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .addresses import endpoint_of_certificate
from .chain import TrustedKey, trusted_key
from .errors import CertificateUnavailable, NotGenuine
from .fetch import TIMEOUT_SECONDS, Fetch, FetchFailed
from .issuers import MAX_CERTIFICATE_BYTES, certificate_with_issuers
from .roots import Roots

# There is one at a time in each region. What is kept has passed, so nobody who sends what is not genuine can push one out.
_MOST_KEYS = 50
_MOST_FAILURES = 200
_MOST_AT_ONCE = 8
_MOST_WAITING = 200  # each holds its body
_FAILURE_SECONDS = 60.0
_UNAVAILABLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Failure:
    why: str
    is_final: bool
    until: float

    def error(self) -> NotGenuine | CertificateUnavailable:
        return NotGenuine(self.why) if self.is_final else CertificateUnavailable(self.why)


class Certificates:
    """The keys by the URLs of their certificates, which are in the form that only SNS has.

    :param roots: what is trusted.
    :param fetch: gets a file.
    """

    def __init__(self, roots: Roots, fetch: Fetch) -> None:
        self._roots = roots
        self._fetch = fetch
        self._keys: dict[str, TrustedKey] = {}
        self._failures: dict[str, _Failure] = {}
        self._loading: dict[str, asyncio.Task[_Failure | None]] = {}
        self._waiting = 0

    def key(self, url: str, now: float) -> TrustedKey:
        """Return a key that has been loaded. Raises NotGenuine."""
        key = self._keys.get(url)
        if key is None or not key.is_valid_at(now):
            raise NotGenuine("the certificate that SigningCertURL leads to is not known, or not valid now")
        return key

    async def load(self, url: str, now: float) -> None:
        """Have a key at hand.

        :param url: of the certificate.
        :param now: in seconds since the epoch.
        :raises NotGenuine: when what is there is no certificate of SNS that is valid now.
        :raises CertificateUnavailable: when that cannot be told now.
        """
        key = self._keys.get(url)
        if key is not None and key.is_valid_at(now):
            return
        failure = self._failures.get(url)
        if failure is None or now >= failure.until:
            task = self._loading.get(url)
            if task is None:
                endpoint_of_certificate(url)
                if len(self._loading) >= _MOST_AT_ONCE:
                    raise CertificateUnavailable("too many certificates are being fetched")
                task = self._loading[url] = asyncio.create_task(self._load(url, now), name="eventops SNS certificate")
            failure = await self._waited_for(task)
        if failure is not None:
            raise failure.error()

    async def _waited_for(self, task: asyncio.Task[_Failure | None]) -> _Failure | None:
        if self._waiting >= _MOST_WAITING:
            raise CertificateUnavailable("too many messages wait for a certificate")
        self._waiting += 1
        try:
            return await asyncio.shield(task)  # whoever came first may go away; the others still wait for it
        finally:
            self._waiting -= 1

    async def _load(self, url: str, now: float) -> _Failure | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                content = await self._fetch(url, MAX_CERTIFICATE_BYTES)
                chain = await certificate_with_issuers(content, self._roots, self._fetch)
            key = trusted_key(chain, endpoint_of_certificate(url).certificate_names, self._roots, now)
        except NotGenuine as error:
            return self._failed(url, str(error), now, is_final=True)
        except FetchFailed as error:
            return self._failed(url, f"the certificate of SNS cannot be fetched: {error}", now, is_final=error.is_final)
        except TimeoutError:
            return self._failed(url, f"the certificate of SNS cannot be fetched: it took more than {TIMEOUT_SECONDS:g} s", now, is_final=False)
        finally:
            del self._loading[url]
        self._failures.pop(url, None)
        _keep(self._keys, url, key, _MOST_KEYS)
        return None

    def _failed(self, url: str, why: str, now: float, *, is_final: bool) -> _Failure:
        failure = _Failure(why, is_final, now + (_FAILURE_SECONDS if is_final else _UNAVAILABLE_SECONDS))
        _keep(self._failures, url, failure, _MOST_FAILURES)
        return failure


def _keep(kept: dict, url: str, value: object, most: int) -> None:
    kept.pop(url, None)
    kept[url] = value
    if len(kept) > most:
        del kept[next(iter(kept))]
