# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which requests find the alarms that matter: as few as there can be, and none that misses one."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.listing import queries, states_in_question
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import ALARM, INSUFFICIENT_DATA, STATES, Settings
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text("ab-", min_size=1, max_size=4)
ENTRIES = st.lists(
    st.one_of(
        st.builds(lambda names: Settings("alarms[0]", names=tuple(names)), st.lists(NAMES, min_size=1, max_size=5, unique=True)),
        st.builds(lambda prefix: Settings("alarms[0]", prefix=prefix), st.text("ab-", max_size=3)),
        st.builds(lambda prefix, type_: Settings("alarms[0]", prefix=prefix, types=(type_,)), NAMES, st.sampled_from(("metric", "composite"))),
    ),
    min_size=1,
    max_size=5,
)


def found_by(query, name: str, type_: str, state: str) -> bool:
    """Do as DescribeAlarms does."""
    kind = {"metric": "MetricAlarm", "composite": "CompositeAlarm"}[type_]
    return (
        kind in query["AlarmTypes"]
        and name.startswith(query.get("AlarmNamePrefix", ""))
        and ("AlarmNames" not in query or name in query["AlarmNames"])
        and query.get("StateValue") in (None, state)
    )


@given(ENTRIES, NAMES, st.sampled_from(("metric", "composite")), st.sampled_from(STATES))
def test_every_alarm_that_an_entry_selects_is_found_by_a_query_in_each_state_that_matters(entries, name, type_, state):
    states = states_in_question(entries, by_state_only=True)
    if any(entry.could_select(name, type_) for entry in entries) and state in states:
        assert any(found_by(query, name, type_, state) for query in queries(entries, states))


@given(ENTRIES)
def test_aws_takes_the_queries_and_none_is_included_in_another(entries):
    found = list(queries(entries, (ALARM,)))
    prefixes = [query.get("AlarmNamePrefix", "") for query in found if "StateValue" in query]
    assert all("AlarmNames" not in query or ("AlarmNamePrefix" not in query and len(query["AlarmNames"]) <= 100) for query in found)
    assert not [(one, other) for one in prefixes for other in prefixes if one is not other and one.startswith(other)]


def test_many_names_are_asked_for_a_hundred_at_a_time():
    entry = Settings("alarms[0]", names=tuple(f"alarm-{number}" for number in range(250)))
    assert [len(query["AlarmNames"]) for query in queries([entry], (ALARM,))] == [100, 100, 50]


def test_only_states_that_nothing_else_tells_of_are_asked_for():
    plain, as_problem = Settings("alarms[0]"), Settings("alarms[1]", insufficient_data="firing")
    assert states_in_question([plain], by_state_only=False) == (ALARM,)
    assert states_in_question([plain], by_state_only=True) == (ALARM, INSUFFICIENT_DATA)
    assert states_in_question([plain, as_problem], by_state_only=False) == (ALARM, INSUFFICIENT_DATA)
    assert states_in_question([Settings("alarms[0]", states=(ALARM,))], by_state_only=True) == (ALARM,)
