-- name: insert
INSERT INTO events (child, source, event_id, type, dedup_key, body, received_at) VALUES {rows}
ON CONFLICT (child, source, event_id) DO NOTHING;

-- name: known
SELECT id FROM events WHERE child = ? AND source = ? AND event_id = ?;

-- name: unhandled
SELECT id, child, body, received_at, case_id FROM events WHERE handled = 0 ORDER BY id LIMIT ?;

-- name: event
SELECT id, child, body, received_at, case_id FROM events WHERE id = ?;

-- name: of_case
SELECT id, child, body, received_at, case_id FROM events WHERE case_id = ? ORDER BY id DESC LIMIT ?;

-- name: mark_handled
UPDATE events SET handled = 1, case_id = ? WHERE id = ?;
