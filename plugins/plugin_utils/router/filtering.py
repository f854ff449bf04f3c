# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the event filter `eventops.infra.intake` does: hand a top-level source's event to the router of this process."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable

from .registry import running_intake

logger = logging.getLogger(__name__)


def take_in(event: object, *, adapter: str | Mapping | None, source: str) -> None:
    """Keep an event. Raises IntakeUnavailable when there is no router or its store cannot be written, and ConfigurationError.

    A refused event is logged and dropped: a filter that raises ends ansible-rulebook.
    """
    name, settings = _read_adapter(json.dumps(adapter, sort_keys=True))
    intake = running_intake()
    if intake is None:
        raise IntakeUnavailable("no eventops.infra.router runs in this ansible-rulebook: add one, before the sources that use the filter eventops.infra.intake")
    try:
        intake.take_now([event], child=source, adapter=name, settings=settings)
    except EventRefused as refused:
        logger.warning("%s: event refused: %s", source, refused)


@lru_cache(maxsize=64)
def _read_adapter(given: str) -> tuple[str | None, Mapping]:
    """Validate a filter's `adapter` once: a filter gets its arguments with each event."""
    mistakes = Mistakes()
    found = read_adapter(json.loads(given), "filters.eventops.infra.intake.adapter", mistakes)
    mistakes.raise_if_any()
    return found
