# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What time it is at AWS is what its answer says, where it says it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.clock import clock_of


def test_the_answer_has_its_time():
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 31 Jan 2026 12:00:00 GMT"}}}

    assert clock_of(answer) == datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "soon"}, {"date": "Sat, 99 Jan 2026 12:00:00 GMT"}])
def test_without_one_it_is_the_time_of_the_controller(headers):
    before = time.time()

    assert before <= clock_of({"ResponseMetadata": {"HTTPHeaders": headers}}) <= time.time()
    assert before <= clock_of({}) <= time.time()
