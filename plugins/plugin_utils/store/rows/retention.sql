-- name: old_cases
SELECT id FROM cases
WHERE updated_at < :time AND live = 0 AND state IN ('resolved', 'exhausted', 'suppressed', 'observed', 'unmatched')
ORDER BY updated_at LIMIT :limit;

-- name: old_events
SELECT id FROM events
WHERE received_at < :time AND case_id IS NULL AND handled = 1 AND NOT EXISTS (SELECT 1 FROM cases WHERE event_row = events.id)
ORDER BY received_at LIMIT :limit;

-- name: dispatches_of_case
SELECT dispatch FROM dispatch_cases WHERE case_id = ?;

-- name: delete_shares
DELETE FROM dispatch_cases WHERE case_id = ?;

-- name: delete_executions
DELETE FROM executions WHERE dispatch = :uuid AND NOT EXISTS (SELECT 1 FROM dispatch_cases WHERE dispatch = :uuid);

-- name: delete_dispatch
DELETE FROM dispatches WHERE uuid = :uuid AND NOT EXISTS (SELECT 1 FROM dispatch_cases WHERE dispatch = :uuid);

-- name: delete_history
DELETE FROM history WHERE case_id = ?;

-- name: delete_hosts
DELETE FROM case_hosts WHERE case_id = ?;

-- name: part_from_events
UPDATE events SET case_id = NULL WHERE case_id = ?;

-- name: events_of_case
SELECT id FROM events WHERE case_id = ?;

-- name: delete_case
DELETE FROM cases WHERE id = ?;

-- name: delete_event
DELETE FROM events WHERE id = :id AND NOT EXISTS (SELECT 1 FROM cases WHERE event_row = :id);
