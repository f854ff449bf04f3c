# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rows of the SQLite store: `Transaction` of interface.py over one sqlite3 connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .statements import statements
from .values import Case, Dispatch, EventRow, ExecutionRow, HistoryRow


class SqliteTransaction:
    """See `interface.Transaction`. Lives as long as the connection; who begins and commits is group_commit.py."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sql = statements()

    def insert_event(self, event: Event, *, child: str, received_at: float) -> int | None:
        # ASCII only: a lone surrogate in a sender's text cannot be written as UTF-8, but can as \ud800.
        body = json.dumps(event.to_mapping(), ensure_ascii=True, separators=(",", ":"), default=str)
        cursor = self._do(
            "insert_event",
            child=child,
            source=event.source,
            event_id=event.id,
            type=event.type,
            dedup_key=event.dedup_key,
            body=body,
            received_at=received_at,
        )
        return cursor.lastrowid if cursor.rowcount else None

    def unhandled_events(self, limit: int) -> list[EventRow]:
        return [_event_row(row) for row in self._do("unhandled_events", limit=limit)]

    def event(self, row: int) -> EventRow:
        return _event_row(self._one("event", id=row))

    def mark_handled(self, row: int, case_id: int | None) -> None:
        self._do("mark_handled", id=row, case_id=case_id)

    def add_case(self, case: Case, why: str) -> Case:
        cursor = self._do("insert_case", **_case_values(case))
        added = replace(case, id=cursor.lastrowid)
        self._do("insert_history", case_id=added.id, time=case.opened_at, from_state=None, to_state=case.state, why=why)
        return added

    def save_case(self, case: Case, why: str) -> None:
        before = self.case(case.id).state
        self._do("update_case", id=case.id, **_case_values(case))
        if before != case.state:
            self._do("insert_history", case_id=case.id, time=case.updated_at, from_state=before, to_state=case.state, why=why)

    def case(self, case_id: int) -> Case:
        return _case(self._one("case", id=case_id))

    def live_case(self, dedup_key: str) -> Case | None:
        row = self._do("live_case", dedup_key=dedup_key).fetchone()
        return _case(row) if row else None

    def ready_cases(self, now: float, limit: int, offset: int = 0) -> list[Case]:
        return [_case(row) for row in self._do("ready_cases", now=now, limit=limit, offset=offset)]

    def overdue_cases(self, now: float, limit: int) -> list[Case]:
        return [_case(row) for row in self._do("overdue_cases", now=now, limit=limit)]

    def next_due(self, now: float) -> float | None:
        return self._do("next_due", now=now).fetchone()["due_at"]

    def unfinished_cases(self) -> list[Case]:
        return [_case(row) for row in self._do("unfinished_cases")]

    def count_unfinished(self) -> dict[str, int]:
        return {row["state"]: row["number"] for row in self._do("count_unfinished")}

    def open_hosts(self) -> frozenset[str]:
        return frozenset(host for row in self._do("open_hosts") for host in json.loads(row["hosts"]))

    def history(self, case_id: int) -> list[HistoryRow]:
        return [HistoryRow(**row) for row in self._do("history", case_id=case_id)]

    def add_dispatch(self, dispatch: Dispatch) -> None:
        self._do("insert_dispatch", **_dispatch_values(dispatch))
        for case_id in dispatch.case_ids:
            self._do("insert_dispatch_case", dispatch=dispatch.uuid, case_id=case_id)

    def save_dispatch(self, dispatch: Dispatch) -> None:
        self._do("update_dispatch", **_dispatch_values(dispatch))

    def dispatch(self, uuid: str) -> Dispatch:
        return self._dispatch(self._one("dispatch", uuid=uuid))

    def unfinished_dispatches(self) -> list[Dispatch]:
        return [self._dispatch(row) for row in self._do("unfinished_dispatches").fetchall()]

    def dispatches_of(self, case_id: int) -> list[Dispatch]:
        return [self._dispatch(row) for row in self._do("dispatches_of_case", case_id=case_id).fetchall()]

    def put_executions(self, rows: Iterable[ExecutionRow]) -> None:
        for row in rows:
            self._do("put_execution", **asdict(row))

    def executions(self, uuid: str) -> list[ExecutionRow]:
        return [ExecutionRow(**row) for row in self._do("executions", uuid=uuid)]

    def _do(self, name: str, **values) -> sqlite3.Cursor:
        return self._connection.execute(self._sql[name], values)

    def _one(self, name: str, **values) -> dict:
        row = self._do(name, **values).fetchone()
        if row is None:
            raise KeyError(f"no {name} with {values}")
        return row

    def _dispatch(self, row: dict) -> Dispatch:
        case_ids = tuple(found["case_id"] for found in self._do("dispatch_case_ids", uuid=row["uuid"]))
        return Dispatch(**{**row, "hosts": tuple(json.loads(row["hosts"])), "case_ids": case_ids})


def _event_row(row: dict) -> EventRow:
    return EventRow(
        id=row["id"],
        child=row["child"],
        event=Event.from_stored(json.loads(row["body"])),
        received_at=row["received_at"],
        case_id=row["case_id"],
    )


def _case(row: dict) -> Case:
    return Case(**{**row, "hosts": tuple(json.loads(row["hosts"])), "again": bool(row["again"]), "live": bool(row["live"])})


def _case_values(case: Case) -> dict:
    values = asdict(case)
    del values["id"]
    return {**values, "hosts": json.dumps(case.hosts)}


def _dispatch_values(dispatch: Dispatch) -> dict:
    values = asdict(dispatch)
    del values["case_ids"]
    return {**values, "hosts": json.dumps(dispatch.hosts)}
