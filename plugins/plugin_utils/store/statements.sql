-- The statements of the SQLite store, by name (see statements.py).

-- name: insert_event
INSERT INTO events (child, source, event_id, type, dedup_key, body, received_at)
VALUES (:child, :source, :event_id, :type, :dedup_key, :body, :received_at)
ON CONFLICT (child, source, event_id) DO NOTHING;

-- name: unhandled_events
SELECT id, child, body, received_at, case_id FROM events WHERE handled = 0 ORDER BY id LIMIT :limit;

-- name: event
SELECT id, child, body, received_at, case_id FROM events WHERE id = :id;

-- name: mark_handled
UPDATE events SET handled = 1, case_id = :case_id WHERE id = :id;

-- name: insert_case
INSERT INTO cases (dedup_key, kind, type, subject, severity, hosts, child, state, reason, mode, count, attempt,
                   opened_at, updated_at, due_at, rank, event_row, dispatch, again, live)
VALUES (:dedup_key, :kind, :type, :subject, :severity, :hosts, :child, :state, :reason, :mode, :count, :attempt,
        :opened_at, :updated_at, :due_at, :rank, :event_row, :dispatch, :again, :live);

-- name: update_case
UPDATE cases SET subject = :subject, severity = :severity, hosts = :hosts, child = :child, state = :state,
                 reason = :reason, count = :count, attempt = :attempt, updated_at = :updated_at, due_at = :due_at,
                 rank = :rank, event_row = :event_row, dispatch = :dispatch, again = :again, live = :live
WHERE id = :id;

-- name: insert_history
INSERT INTO history (case_id, time, from_state, to_state, why)
VALUES (:case_id, :time, :from_state, :to_state, :why);

-- name: history
SELECT time, from_state, to_state, why FROM history WHERE case_id = :case_id ORDER BY id;

-- name: case
SELECT * FROM cases WHERE id = :id;

-- name: live_case
SELECT * FROM cases WHERE dedup_key = :dedup_key AND live = 1;

-- name: ready_cases
SELECT * FROM cases
WHERE state IN ('open', 'waiting') AND due_at <= :now
ORDER BY rank, id LIMIT :limit OFFSET :offset;

-- name: overdue_cases
SELECT * FROM cases WHERE state = 'verifying' AND due_at <= :now ORDER BY due_at LIMIT :limit;

-- name: next_due
SELECT min(due_at) AS due_at FROM cases WHERE state IN ('open', 'waiting', 'verifying') AND due_at > :now;

-- name: unfinished_cases
SELECT * FROM cases WHERE state IN ('open', 'dispatched', 'running', 'verifying', 'waiting') ORDER BY id;

-- name: count_unfinished
SELECT state, count(*) AS number FROM cases
WHERE state IN ('open', 'dispatched', 'running', 'verifying', 'waiting') GROUP BY state;

-- name: open_hosts
SELECT DISTINCT hosts FROM cases WHERE state IN ('open', 'dispatched', 'running', 'verifying', 'waiting');

-- name: insert_dispatch
INSERT INTO dispatches (uuid, attempt, hosts, state, outcome, interruptions, playbooks, planned_at, ended_at)
VALUES (:uuid, :attempt, :hosts, :state, :outcome, :interruptions, :playbooks, :planned_at, :ended_at);

-- name: update_dispatch
UPDATE dispatches SET state = :state, outcome = :outcome, interruptions = :interruptions, playbooks = :playbooks,
                      ended_at = :ended_at
WHERE uuid = :uuid;

-- name: insert_dispatch_case
INSERT INTO dispatch_cases (dispatch, case_id) VALUES (:dispatch, :case_id);

-- name: dispatch
SELECT * FROM dispatches WHERE uuid = :uuid;

-- name: unfinished_dispatches
SELECT * FROM dispatches WHERE state = 'planned' ORDER BY planned_at;

-- name: dispatch_case_ids
SELECT case_id FROM dispatch_cases WHERE dispatch = :uuid ORDER BY case_id;

-- name: dispatches_of_case
SELECT d.* FROM dispatches d JOIN dispatch_cases c ON c.dispatch = d.uuid
WHERE c.case_id = :case_id ORDER BY d.planned_at;

-- name: put_execution
INSERT OR REPLACE INTO executions (dispatch, pid, playbook, host, status, changed, duration, error, started_at, ended_at)
VALUES (:dispatch, :pid, :playbook, :host, :status, :changed, :duration, :error, :started_at, :ended_at);

-- name: executions
SELECT * FROM executions WHERE dispatch = :uuid ORDER BY started_at, host;
