# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take secrets out of an event: by their names where it was read, and wherever they look like secrets where nobody could read it."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import UNREAD, reason_beside
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import redact


def redacted(event: Event, words: Sequence[str]) -> Event:
    """Return the same event without secrets. Its attributes stay: a user's word such as "key" must not make one dedup_key of all. Raises TooDeep."""
    if UNREAD not in event.extra:
        return event.with_content(redact(event.data, words), redact(event.extra, words))
    # The reason is ours, and says of a name that may be a secret's what is wrong with it.
    reason = reason_beside(event)
    others = {key: value for key, value in event.extra.items() if key not in reason}
    return event.with_content(redact(event.data, words, in_texts=True), {**redact(others, words, in_texts=True), **redact(reason, words)})
