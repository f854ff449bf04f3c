# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about finding cases."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN, RESOLVED, VERIFYING, CaseQuery

from .examples import add_case

_CASES = {
    1: {"name": "ServiceDown", "hosts": ("web-01",), "updated_at": 10.0},
    2: {"name": "DiskFull", "hosts": ("web-01", "db-01"), "severity": "warning", "updated_at": 40.0},
    3: {"type": "request.user.onboard", "kind": "request", "subject": "Ann_Lee", "hosts": (), "severity": "info", "updated_at": 30.0},
    4: {"name": "ServiceDown", "hosts": ("db-01",), "state": RESOLVED, "live": False, "updated_at": 20.0},
    5: {"name": "100% busy", "hosts": ("app-01",), "state": VERIFYING, "updated_at": 50.0},
}


class PromisesOfSearch:
    @pytest.fixture(name="found")
    def _found(self, store):
        numbers = store.run_now(lambda tx: {add_case(tx, number, **values).id: number for number, values in _CASES.items()})
        by_number = {number: id_ for id_, number in numbers.items()}

        def find(**fields):
            if "ids" in fields:
                fields["ids"] = tuple(by_number[number] for number in fields["ids"])
            if "before_id" in fields:
                fields["before_id"] = by_number[fields["before_id"]]
            return [numbers[case.id] for case in store.run_now(lambda tx: tx.find_cases(CaseQuery(**fields)))]

        return find

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, [5, 4, 3, 2, 1]),
            ({"limit": 2}, [5, 4]),
            ({"before_id": 4, "limit": 2}, [3, 2]),
            ({"ids": (1, 4)}, [4, 1]),
            ({"states": (OPEN,)}, [3, 2, 1]),
            ({"states": (RESOLVED, VERIFYING)}, [5, 4]),
            ({"kinds": ("request",)}, [3]),
            ({"types": ("alert.firing", "request.user.onboard")}, [5, 4, 3, 2, 1]),
            ({"types": ("alert.firing",), "limit": 2}, [5, 4]),
            ({"without_types": "alert."}, [3]),
            ({"without_types": "request.", "limit": 2}, [5, 4]),
            ({"without_types": "%", "states": (OPEN,)}, [3, 2, 1]),
            ({"names": ("ServiceDown", "DiskFull")}, [4, 2, 1]),
            ({"severities": ("warning", "info")}, [3, 2]),
            ({"hosts": ("web-01",)}, [2, 1]),
            ({"hosts": ("web-01", "db-01")}, [4, 2, 1]),
            ({"hosts": ("web-01", "db-01"), "limit": 2, "before_id": 4}, [2, 1]),
            ({"dedup_keys": ("alert/ServiceDown/2", "alert/ServiceDown/3")}, [3, 2]),
            ({"live": True}, [5, 3, 2, 1]),
            ({"live": False}, [4]),
            ({"updated_after": 20.0}, [5, 3, 2]),
            ({"updated_after": 30.0, "limit": 1}, [5]),
            ({"text": "ServiceDown"}, [5, 4, 3, 2, 1]),  # it stands in every dedup_key
            ({"text": "ann_l"}, [3]),
            ({"text": "a_n"}, []),
            ({"text": "0%"}, [5]),
            ({"text": "ISKFU"}, [2]),
            ({"text": "nowhere"}, []),
            ({"text": "'\" OR 1=1 --\\"}, []),
            ({"states": (OPEN,), "hosts": ("web-01",), "severities": ("critical",)}, [1]),
            ({"names": ("ServiceDown",), "live": True, "kinds": ("incident",), "updated_after": 5.0, "text": "web"}, [1]),
            ({"states": ("nonsense",)}, []),
            ({"hosts": ("web",)}, []),
        ],
    )
    def test_cases_are_found_newest_first(self, found, fields, expected):
        assert found(**fields) == expected

    @pytest.mark.parametrize("text", ["\0", "a\0", "Serv\0ice", "\ud800", "\ud800a", "Serv\udfff"])
    def test_no_text_is_too_strange_to_be_looked_for(self, found, text):
        assert isinstance(found(text=text), list)
