# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests of adapters share: settings read as a rulebook's are, and deliveries as a source puts them."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.reading import read_payload
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
INVENTORY = snapshot_of({"_meta": {"hostvars": {"web-01": {"instance_id": "i-12345678901234567"}, "web-02": {"instance_id": "i-abcd1111"}, "i-9": {}}}})


def _prepared(adapter, settings):
    mistakes = Mistakes()
    name, found = read_adapter({adapter: settings}, "adapter", mistakes)
    mistakes.raise_if_any()
    return name, found


def _context(headers):
    return AdapterContext(source="monitors", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new", inventory=INVENTORY, headers=headers or {})


def adapted(adapter, body, headers=None, **settings):
    """Return what an adapter makes of a body."""
    name, found = _prepared(adapter, settings)
    return ADAPTERS[name].adapt({"payload": body}, settings=found, context=_context(headers))


def one(adapter, body, headers=None, **settings):
    """Return the only event that an adapter makes of a body."""
    (event,) = adapted(adapter, body, headers, **settings)
    return event


def taken_in(adapter, body, headers=None, **settings):
    """Return the events that the intake of a source with this adapter gets."""
    name, found = _prepared(adapter, settings)
    return read_payload({"payload": body}, adapter=name, settings=found, context=_context(headers))
