-- name: follow
INSERT INTO followers (child) VALUES (?) ON CONFLICT (child) DO NOTHING;

-- name: of_child
SELECT e.id, e.case_id, e.state, e.reason, e.mode, e.attempt, e.ended_at, events.body FROM endings AS e JOIN events ON events.id = e.event_row
WHERE e.child = ? AND e.id > ? ORDER BY e.id LIMIT ?;

-- name: forget
DELETE FROM endings WHERE child = ? AND id IN (SELECT value FROM json_each(?));
