-- Of a case the columns are always {columns}: the fields of `values.Case`, in their order.

-- name: insert
INSERT INTO cases ({columns}) VALUES ({placeholders});

-- name: update
UPDATE cases SET {changes} WHERE id = ?;

-- name: case
SELECT {columns} FROM cases WHERE id = ?;

-- name: live
SELECT {columns} FROM cases WHERE dedup_key = ? AND live = 1;

-- name: insert_host
INSERT INTO case_hosts (case_id, host, unhealthy) VALUES (?, ?, ?);

-- name: delete_hosts
DELETE FROM case_hosts WHERE case_id = ?;

-- name: update_unhealthy
UPDATE case_hosts SET unhealthy = ? WHERE case_id = ?;

-- name: insert_history
INSERT INTO history (case_id, time, from_state, to_state, why, by) VALUES (?, ?, ?, ?, ?, ?);

-- name: history
SELECT time, from_state, to_state, why, by FROM history WHERE case_id = ? ORDER BY id;
