# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many connections a listener may hold: each is an open file, and the process needs some for the playbooks that it starts."""

from __future__ import annotations

import logging
import resource

logger = logging.getLogger(__name__)


def connections_within(most: int) -> int:
    """Return how many connections there may be: as many as wanted, and never more than half of the files that the process may open."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or most <= soft // 2:
        return most
    logger.warning("at most %d connections are held at once, not %d: half of the %d files that the process may open (ulimit -n)", soft // 2, most, soft)
    return soft // 2
