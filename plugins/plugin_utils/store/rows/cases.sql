-- name: case
SELECT {columns} FROM cases WHERE id = ?;

-- name: cases
SELECT {columns} FROM cases WHERE id IN (SELECT value FROM json_each(?));

-- name: live
SELECT {columns} FROM cases WHERE live = 1 AND dedup_key IN (SELECT value FROM json_each(?));

-- name: history
SELECT time, from_state, to_state, why, by FROM history WHERE case_id = ? ORDER BY id;

-- name: followers
SELECT child FROM followers;
