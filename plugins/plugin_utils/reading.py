# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading: what a source put becomes events, whatever it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREADABLE, received, word_for
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent

logger = logging.getLogger(__name__)


def read_payload(payload: object, *, adapter: str | None, settings: Mapping, context: AdapterContext) -> list[Event]:
    """Read what a source put: an envelope as such (where the adapter lets it), else by its adapter, else as `event.received`.

    Where an adapter was to read it and could not, the log says why, and so does the key UNREAD of the event.

    :param payload: what the source put.
    :param adapter: the name of the adapter for what is no envelope.
    :param settings: the adapter's, validated.
    :raises InvalidEvent: when it cannot even be kept as received: it is nested too deeply.
    """
    unread, word = None, UNREADABLE
    if isinstance(payload, Mapping):
        envelopes = [("envelope", {})] if adapter is None or ADAPTERS[adapter].takes_envelopes else []
        for name, given in (*envelopes, *([(adapter, settings)] if adapter else [])):
            try:
                events = ADAPTERS[name].adapt(payload, settings=given, context=context)
            except InvalidEvent as error:
                unread, word = f"the adapter {name} found a mistake, {error}", word_for(error)
                continue
            if events is not None:
                return events
    if adapter and unread is None:
        unread = f"the adapter {adapter} does not fit"
    if unread:
        logger.warning("%s: kept as %s: %s", context.source, RECEIVED, unread)
    return [received(payload, unread, context, word)]
