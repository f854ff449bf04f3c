# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The address of a queue: what its URL says of it.

The forms of the host: AWS General Reference, "Amazon Simple Queue Service endpoints and quotas".
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

FIFO_SUFFIX = ".fifo"

_REGION = r"([a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2})"
# sqs.REGION.amazonaws.com, that of FIPS, of IPv6 (api.aws), of a VPC endpoint, and what emulators make of it; then the old one.
_HOST = re.compile(rf"(?:^|\.)sqs(?:-fips)?\.{_REGION}\.|^{_REGION}\.queue\.amazonaws\.com$", re.ASCII)
_OLDEST_HOST, _OLDEST_REGION = "queue.amazonaws.com", "us-east-1"


def name_in(url: str) -> str:
    """Return the name of the queue that a URL is of."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def region_in(url: str) -> str | None:
    """Return the region that a URL names; None where it names none, as that of an emulator."""
    host = urlsplit(url).hostname or ""
    found = _HOST.search(host)
    if found:
        return found[1] or found[2]
    return _OLDEST_REGION if host == _OLDEST_HOST else None
