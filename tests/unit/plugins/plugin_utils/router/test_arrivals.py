# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a case comes alone."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.router.arrivals import Arrivals


def test_a_case_is_alone_until_another_is_opened_within_a_second():
    arrivals = Arrivals()
    assert arrivals.alone(100.0)
    arrivals.note(1, 100.0)
    assert arrivals.alone(100.01) and arrivals.last == 100.0
    arrivals.note(0, 100.5)
    assert arrivals.alone(100.5) and arrivals.last == 100.0, "a repetition opens none"
    arrivals.note(1, 100.9)
    assert not arrivals.alone(100.95)
    assert arrivals.alone(101.5), "the first is forgotten"
    arrivals.note(3, 102.0)
    assert not arrivals.alone(102.0)
