# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the event filter `eventops.infra.envelope` does: a stock source's event becomes envelopes that rules may use, without a router.

A filter that raises ends ansible-rulebook, so nothing is raised here: what cannot be read becomes an `event.received`, and the log says why.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD, received
from ansible_collections.eventops.infra.plugins.plugin_utils.alone import UNRESOLVED, harmless, hosts_of
from ansible_collections.eventops.infra.plugins.plugin_utils.blocking_inventory import BlockingInventory
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.own_name import require_own_name
from ansible_collections.eventops.infra.plugins.plugin_utils.reading import read_payload
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS
from ansible_collections.eventops.infra.plugins.plugin_utils.redact_event import redacted
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import nearest
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

logger = logging.getLogger(__name__)

_WHERE = "filters.eventops.infra.envelope"
_OPTIONS = ("adapter", "inventory", "redact", "source")


def enveloped(event: object, *, adapter: object, inventory: object, redact_words: object, source: object, unknown: tuple[str, ...] = ()) -> list[dict]:
    """Make the envelopes of an event, with `meta.hosts`, redacted and neutralised.

    :param event: what the source, or the filter before, passed on.
    :param adapter: the filter's argument of this name; so are the others, as they were written.
    :param unknown: the names of arguments that the filter does not have.
    """
    name = str(source)
    _say_once(name, unknown, inventory is None)
    context = AdapterContext(source=name, received_at=from_epoch(time.time()), new_id=_new_id)
    try:
        words, chosen, settings = _read_arguments(json.dumps([redact_words, adapter, inventory], sort_keys=True, default=str))
        known = _inventory(inventory)
        events = read_payload(event, adapter=chosen, settings=settings, context=replace(context, inventory=known.fresh()))
        return [_for_rules(each, words, known, is_misread=bool(unknown)) for each in events]
    except (ConfigurationError, InvalidEvent) as error:
        why = str(error)
    except Exception as error:  # whatever it is, ansible-rulebook and its other sources go on
        logger.exception("%s: an event could not be made an envelope", name)
        why = type(error).__name__
    logger.error("%s: an event is passed on as %s, about no known host: %s", name, RECEIVED, why)
    return [_unread(event, why, context)]


@lru_cache(maxsize=64)
def _say_once(source: str, unknown: tuple[str, ...], is_without_inventory: bool) -> None:
    """Say what is wrong with a filter's arguments, and not with each event again."""
    for each in unknown:
        meant = nearest(each, _OPTIONS)
        advice = f"did you mean {meant}?" if meant else f"the options are {', '.join(_OPTIONS)}."
        logger.error("%s: %s.%s: is not an option; %s Until that is right, playbooks run on no host (meta.hosts: %s)", source, _WHERE, each, advice, UNRESOLVED)
    if is_without_inventory:
        logger.warning("%s: %s: without `inventory` no name of a host is looked up: events about hosts have meta.hosts %s", source, _WHERE, UNRESOLVED)


def _for_rules(event: Event, words: tuple[str, ...], inventory: BlockingInventory, *, is_misread: bool = False) -> dict:
    require_own_name(event)  # a rule for case.exhausted trusts that the router says so
    kept = redacted(event, words)
    mapping, meta = kept.to_mapping(), kept.extra.get("meta")
    if is_misread or UNREAD in kept.extra:
        # A rule that reads the payload would match all the same, and run on the controller what is meant for the host in the payload.
        hosts = (UNRESOLVED,)
    else:
        snapshot = inventory.fresh()
        if any(snapshot.resolve(name) is None for name in kept.hosts):
            snapshot = inventory.fresh(unknown_name=True)
        hosts = hosts_of(kept.hosts, snapshot)
    return harmless(mapping, hosts, meta if isinstance(meta, Mapping) else {})


def _unread(event: object, why: str, context: AdapterContext) -> dict:
    try:
        return _for_rules(received(event, why, context), DEFAULT_WORDS, _inventory(None))
    except Exception:  # not even that: of such an event only the fact is passed on
        return _for_rules(received({}, why, context), DEFAULT_WORDS, _inventory(None))


@lru_cache(maxsize=64)
def _read_arguments(given: str) -> tuple[tuple[str, ...], str | None, Mapping]:
    """Validate a filter's arguments once: it gets them with each event. Raises ConfigurationError."""
    words, adapter, inventory = json.loads(given)
    mistakes = Mistakes()
    if not (isinstance(words, list) and all(isinstance(each, str) and each for each in words)):
        mistakes.add(f"{_WHERE}.redact", f"must be a list of words, got {words!r}")
        words = DEFAULT_WORDS
    if inventory is not None and not (isinstance(inventory, str) and inventory):
        mistakes.add(f"{_WHERE}.inventory", f"must be the path of an inventory, got {inventory!r}")
    if adapter is not None and not (isinstance(adapter, str) or (isinstance(adapter, dict) and len(adapter) == 1)):
        mistakes.add(f"{_WHERE}.adapter", f"must be the name of an adapter, or a mapping of its name to its settings, got {adapter!r}")
        adapter = None
    name, settings = read_adapter(adapter, f"{_WHERE}.adapter", mistakes)
    mistakes.raise_if_any()
    return tuple(words), name, settings


@lru_cache(maxsize=16)
def _inventory(path: str | None) -> BlockingInventory:
    return BlockingInventory(None if path is None else Path(path).expanduser().absolute())


def _new_id() -> str:
    return str(uuid.uuid4())
