# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An adapter as a rulebook writes it: rules that have something looked up need a directory."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

BY_NAME = [{"label": "host"}, {"label": "InstanceId", "by": "tag:Name"}]


@pytest.mark.parametrize(
    ("adapter", "where"),
    [
        ({"cloudwatch_alarm": {"hosts": BY_NAME}}, "adapter.cloudwatch_alarm.hosts[1].by"),
        ({"eventbridge": {"cloudwatch_alarm": {"hosts": BY_NAME}}}, "adapter.eventbridge.cloudwatch_alarm.hosts[1].by"),
        ({"sns": {"message": {"eventbridge": {"hosts": BY_NAME}}}}, "adapter.sns.message.eventbridge.hosts[1].by"),
        ({"generic": {"type": {"value": "t"}, "hosts": BY_NAME}}, "adapter.generic.hosts[1].by"),
        ({"alertmanager": {"hosts": BY_NAME}}, "adapter.alertmanager.hosts[1].by"),
    ],
)
def test_where_nobody_can_be_asked_a_lookup_is_a_mistake(adapter, where):
    mistakes = Mistakes()
    read_adapter(adapter, "adapter", mistakes)
    ((path, text),) = mistakes.found
    assert path == where
    assert "only the source eventops.infra.cloudwatch" in text
    assert "hostvar" in text


@pytest.mark.parametrize("adapter", [{"cloudwatch_alarm": {"hosts": BY_NAME}}, {"sns": {"message": {"eventbridge": {"hosts": BY_NAME}}}}])
def test_where_there_is_a_directory_it_is_none(adapter):
    mistakes = Mistakes()
    read_adapter(adapter, "adapter", mistakes, looks_up=True)
    assert not mistakes
