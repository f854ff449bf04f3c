-- What is written all at once. {columns} are those of a case in the order of `values.Case`, {rows} so many rows of placeholders.

-- name: last_case
SELECT coalesce(max(id), 0) FROM cases;

-- name: insert_cases
INSERT INTO cases ({columns}) VALUES {rows};

-- name: update_case
UPDATE cases SET {changes} WHERE id = ?;

-- name: insert_hosts
INSERT INTO case_hosts (case_id, host, unhealthy) VALUES {rows};

-- name: delete_hosts
DELETE FROM case_hosts WHERE case_id = ?;

-- name: update_unhealthy
UPDATE case_hosts SET unhealthy = ? WHERE case_id = ?;

-- name: insert_history
INSERT INTO history (case_id, time, from_state, to_state, why, by) VALUES {rows};

-- name: insert_endings
INSERT INTO endings (child, case_id, event_row, state, reason, mode, attempt, ended_at) VALUES {rows};

-- name: mark_handled
UPDATE events SET handled = 1, case_id = json_extract(:cases, '$."' || id || '"')
WHERE id IN (SELECT CAST(key AS INTEGER) FROM json_each(:cases));
