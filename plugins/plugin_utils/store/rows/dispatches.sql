-- Of a dispatch the columns are always in the order of dispatches.py.

-- name: insert
INSERT INTO dispatches (uuid, attempt, hosts, planned_at, state, outcome, result, interruptions, playbooks, ended_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_share
INSERT INTO dispatch_cases (dispatch, case_id, hosts, place) VALUES (?, ?, ?, ?);

-- name: update
UPDATE dispatches SET state = ?, outcome = ?, result = ?, interruptions = ?, playbooks = ?, ended_at = ? WHERE uuid = ?;

-- name: dispatch
SELECT uuid, attempt, hosts, planned_at, state, outcome, result, interruptions, playbooks, ended_at FROM dispatches WHERE uuid = ?;

-- name: unfinished
SELECT uuid, attempt, hosts, planned_at, state, outcome, result, interruptions, playbooks, ended_at FROM dispatches
WHERE state <> 'ended' ORDER BY planned_at, uuid;

-- name: of_case
SELECT d.uuid, d.attempt, d.hosts, d.planned_at, d.state, d.outcome, d.result, d.interruptions, d.playbooks, d.ended_at
FROM dispatch_cases AS c JOIN dispatches AS d ON d.uuid = c.dispatch
WHERE c.case_id = ? ORDER BY d.planned_at, d.uuid;

-- name: shares
SELECT case_id, hosts FROM dispatch_cases WHERE dispatch = ? ORDER BY place;

-- name: put_execution
INSERT OR REPLACE INTO executions (dispatch, pid, playbook, host, status, changed, duration, error, started_at, ended_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: executions
SELECT dispatch, pid, playbook, host, status, changed, duration, error, started_at, ended_at FROM executions
WHERE dispatch = ? ORDER BY started_at, host;
