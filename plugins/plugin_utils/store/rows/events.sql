-- name: insert
INSERT INTO events (child, source, event_id, type, dedup_key, body, received_at) VALUES {rows}
ON CONFLICT (child, source, event_id) DO NOTHING;

-- name: known
SELECT id FROM events WHERE child = ? AND source = ? AND event_id = ?;

-- One row: each row more would be a turn of waiting for the interpreter's lock. The texts of the events are JSON already.
-- name: unhandled
SELECT '[' || group_concat(
    '[' || id || ',' || json_quote(child) || ',' || body || ',' || printf('%!.17g', received_at) || ',' || coalesce(case_id, 'null') || ']'
) || ']'
FROM (
    SELECT *, sum(length(body)) OVER (ORDER BY id) - length(body) AS bytes_before
    FROM (SELECT id, child, body, received_at, case_id FROM events WHERE handled = 0 ORDER BY id LIMIT :limit)
    ORDER BY id
)
WHERE bytes_before < :most_bytes;

-- name: event
SELECT id, child, body, received_at, case_id FROM events WHERE id = ?;

-- name: bytes
SELECT length(body) FROM events WHERE id = ?;

-- name: sizes_of_case
SELECT id, child, event_id, length(body) FROM events WHERE case_id = ? ORDER BY id DESC LIMIT ?;

-- name: of_case
SELECT id, child, body, received_at, case_id FROM events WHERE case_id = ? ORDER BY id DESC LIMIT ?;
