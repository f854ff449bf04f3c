# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from jsonschema import Draft202012Validator


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_every_adapter_has_a_strict_schema_and_leaves_what_it_does_not_know(name):
    schema, adapt, prepare = ADAPTERS[name][:3]
    Draft202012Validator.check_schema(schema)
    assert not Draft202012Validator(schema).is_valid({"unknown": 1})
    context = AdapterContext(source="s", received_at="2026-01-31T12:00:00Z", new_id=lambda: "n")
    mistakes = Mistakes()
    settings = prepare({"type": "kind"}, "adapter", mistakes)
    assert not mistakes
    assert adapt({}, settings=settings, context=context) is None
