# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ansible-rulebook is killed at the worst moments: nothing is lost, nothing runs twice at once, nothing that ended runs again."""

from __future__ import annotations

import time

from ansible_collections.eventops.infra.tests.e2e.restarts.worksite import Site

REQUEST = "request.report"


def test_a_run_that_outlives_the_kill_is_waited_for_and_its_result_taken(rulebook):
    site = Site(rulebook).start()
    site.hold("web-01")
    site.post(REQUEST)
    site.wait_for_work_on("web-01")
    rulebook.kill()
    site.start()
    site.post(REQUEST, "web-02")
    site.wait_for_case(2, "resolved")
    assert len(site.works_on("web-01")) == 1, "the host is busy with the run of the life before"
    site.release("web-01")
    site.wait_for_case(1, "resolved")
    assert len(site.works_on("web-01")) == 1
    (dispatch,) = site.ledger.dispatches(uuid=site.works_on("web-01")[0].dispatch)
    assert (dispatch["attempt"], dispatch["interruptions"], dispatch["outcome"]) == (1, 0, "succeeded")
