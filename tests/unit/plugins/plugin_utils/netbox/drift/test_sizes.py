# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sizes that are the same, and what a measured memory was meant to be."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.sizes import about_the_same, installed_memory_mb
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("installed", "measured"),
    [(1024, 957), (1536, 1470), (2048, 1963), (3072, 2960), (4096, 3914), (5120, 4990), (6144, 5920), (8192, 7941), (10240, 9990)]
    + [(12288, 12000), (16384, 15990), (20480, 19990), (24576, 24030), (32768, 31900), (65536, 64230), (131072, 128700), (4096, 4096)],
)
def test_the_memory_that_a_machine_was_given(installed, measured):
    assert installed_memory_mb(measured, 10) == installed


def test_an_odd_size_is_taken_as_measured():
    assert installed_memory_mb(8200, 10) == 8200
    assert installed_memory_mb(1963, 0) == 1963


@given(st.integers(1, 2**31 - 1), st.floats(0, 50))
def test_what_is_corrected_is_the_same_afterwards(measured, percent):
    installed = installed_memory_mb(measured, percent)

    assert installed >= measured
    assert about_the_same(installed, measured, percent)


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.floats(0, 50))
def test_sameness_has_no_direction(one, other, percent):
    assert len({about_the_same(*pair, percent) for pair in ((one, other), (other, one))}) == 1
    assert about_the_same(one, one, percent)
