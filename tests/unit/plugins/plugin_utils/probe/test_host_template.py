# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.host_template import TemplateMistake, render

VARIABLES = {
    "ansible_host": "192.0.2.10",
    "port": 8081,
    "next_port": "{{ port + 1 }}",
    "base": "http://{{ ansible_host }}:{{ next_port }}",
    "paths": ["/a", "/b"],
    "loop_a": "{{ loop_b }}",
    "loop_b": "{{ loop_a }}",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        (7, 7),
        ("{{ port }}", 8081),
        ("{{ next_port }}", 8082),
        (" {{ paths }} ", ["/a", "/b"]),
        ("{{ base }}{{ paths[0] }}", "http://192.0.2.10:8082/a"),
        ("{{ base }}/{{ paths | length }}", "http://192.0.2.10:8082/2"),
        ("{{- port -}}", "8081"),
        ("{% if port > 1 %}yes{% endif %}", "yes"),
        ("{{ missing | default('x') }}", "x"),
        ([{"url": "{{ base }}"}], [{"url": "http://192.0.2.10:8082"}]),
    ],
)
def test_templates_are_rendered_with_the_variables_of_the_host_which_may_be_templates_too(template, expected):
    assert render(template, VARIABLES) == expected


@pytest.mark.parametrize(
    "template",
    ["{{ missing }}", "{{ missing }}x", "{{ port | no_such_filter }}", "{{ loop_a }}", "{{ 1 / 0 }}", "{{ port", "{{ ''.__class__.mro() }}"],
)
def test_what_cannot_be_rendered_is_named(template):
    with pytest.raises(TemplateMistake) as caught:
        render({"check": [template]}, VARIABLES)
    assert "loop" in str(caught.value) or repr(template) in str(caught.value)
