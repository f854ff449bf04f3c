# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be restarted is read in its order, or refused as a whole."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.reading import bytes_of
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.restartable import CPU, MEMORY, restart_plan
from hypothesis import given
from hypothesis import strategies as st

WHERE = "eventops_restartable of web-01"
ENTRIES = [
    {"systemd": "app", "memory": "50%"},
    {"container": "worker", "runtime": "docker", "cpu": "80%", "memory": "2G"},
    {"process": "java", "user": "app", "command": ["/opt/app/restart", "now"], "cpu": "75.5%"},
]


def plan(written: object, resource: str = MEMORY) -> dict:
    return restart_plan(written, resource, WHERE, 60, 30)


def test_only_what_has_a_limit_for_the_resource_in_the_order_of_the_inventory():
    assert plan(ENTRIES)["candidates"] == [
        {"unit": "app.service", "limit": {"percent": 50}},
        {"container": "worker", "runtime": "docker", "limit": {"bytes": 2 * 2**30}},
    ]
    of_cpu = plan(ENTRIES, CPU)
    assert of_cpu["candidates"][1] == {"process": "java", "user": "app", "limit": {"percent": 75.5}}
    assert [step["start"] for step in of_cpu["steps"]] == [{"container": "worker", "runtime": "docker"}, {"command": ["/opt/app/restart", "now"]}]
    # Arguments may be secrets.
    assert of_cpu["steps"][1]["how"] == "restarting java by /opt/app/restart"


@pytest.mark.parametrize(
    ("entry", "mistake"),
    [
        ({"memory": "50%"}, "[0] must be a mapping with one of systemd, container, process"),
        ({"systemd": "a", "container": "b", "memory": "50%"}, "[0] must be a mapping with one of"),
        ({"systemd": "a b", "memory": "50%"}, "[0].systemd must be a name"),
        ({"systemd": "-a", "memory": "50%"}, "[0].systemd must be a name"),
        ({"systemd": "a"}, "[0] has no limit"),
        ({"systemd": "a", "memory": "101%"}, "[0].memory must be a share"),
        ({"systemd": "a", "memory": 50}, "[0].memory must be a share"),
        ({"systemd": "a", "cpu": "1G"}, "[0].cpu must be a share of all CPUs"),
        ({"process": "a", "cpu": "50%"}, "[0].command must be a list"),
        ({"process": "a", "command": ["x", True], "cpu": "50%"}, "[0].command must be a list"),
        ({"container": "a", "runtime": "lxc", "cpu": "50%"}, "[0].runtime must be podman or docker"),
        ("app.service", "[0] must be a mapping"),
    ],
)
def test_one_mistake_and_nothing_is_restarted(entry, mistake):
    found = plan([entry, ENTRIES[0]], CPU)

    assert (found["candidates"], found["steps"]) == ([], [])
    assert any(mistake in each for each in found["mistakes"]), found["mistakes"]


@pytest.mark.parametrize(
    ("text", "number"), [("2G", 2**31), ("500M", 500 * 2**20), ("1.5KiB", 1536), ("1TB", 2**40), ("500", 0), ("", 0), ("-1G", 0), ("1P", 0)]
)
def test_sizes(text, number):
    assert bytes_of(text) == number


keys = st.sampled_from(["systemd", "container", "process", "command", "memory", "cpu", "user"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner),
    max_leaves=10,
)


@given(anything, st.sampled_from([MEMORY, CPU]))
def test_whatever_is_written_is_read_or_refused(written, resource):
    found = plan(written, resource)

    assert len(found["candidates"]) == len(found["steps"])
    assert not (found["mistakes"] and found["steps"])
    for step in found["steps"]:
        assert all(isinstance(word, str) for word in step["start"].get("command", []))
