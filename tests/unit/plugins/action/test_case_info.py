# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mistakes in a task of case_info, in the words of who wrote it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.action.case_info import ActionModule, in_options
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import requests


@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ({"states": ["done"]}, ["state[0]: "]),
        ({"severities": ["bad"], "kinds": ["x"]}, ["kind[0]: ", "severity[0]: "]),
        ({"dedup_keys": [""], "hosts": [""], "ids": [0]}, ["case[0]: ", "dedup_key[0]: ", "host[0]: "]),
        ({"limit": 5000}, ["limit: "]),
    ],
)
def test_a_mistake_names_the_option_as_it_is_written(query, begins):
    with pytest.raises(ConfigurationError) as refused:
        requests.find(query)

    lines = sorted(in_options(str(refused.value)).splitlines())

    assert len(lines) == len(begins) and all(line.startswith(begin) for line, begin in zip(lines, begins))
    assert {begin.partition("[")[0].rstrip(": ") for begin in begins} <= ActionModule.ARGUMENTS.keys()


def test_words_within_a_mistake_stay():
    assert in_options("text: the states of hosts: names") == "text: the states of hosts: names"
