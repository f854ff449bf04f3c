-- :cases, :dispatches and :events are lists of ids, as JSON.

-- The run of a case that was closed meanwhile may still go on: what becomes of it is written to its dispatch.
-- name: old_cases
SELECT json_group_array(id) FROM (
    SELECT id FROM cases
    WHERE updated_at < :time AND live = 0 AND state IN ('resolved', 'exhausted', 'suppressed', 'observed', 'unmatched')
      AND dispatch IS NULL
    ORDER BY updated_at LIMIT :limit
);

-- name: old_events
SELECT json_group_array(id) FROM (
    SELECT id FROM events
    WHERE received_at < :time AND case_id IS NULL AND handled = 1 AND NOT EXISTS (SELECT 1 FROM cases WHERE event_row = events.id)
    ORDER BY received_at LIMIT :limit
);

-- name: dispatches
SELECT json_group_array(DISTINCT dispatch) FROM dispatch_cases WHERE case_id IN (SELECT value FROM json_each(:cases));

-- name: events
SELECT json_group_array(id) FROM events WHERE case_id IN (SELECT value FROM json_each(:cases));

-- name: delete_shares
DELETE FROM dispatch_cases WHERE case_id IN (SELECT value FROM json_each(:cases));

-- Another case may have a share in the same dispatch.
-- name: delete_executions
DELETE FROM executions WHERE dispatch IN (
    SELECT value FROM json_each(:dispatches) WHERE NOT EXISTS (SELECT 1 FROM dispatch_cases WHERE dispatch = value)
);

-- name: delete_dispatches
DELETE FROM dispatches WHERE uuid IN (
    SELECT value FROM json_each(:dispatches) WHERE NOT EXISTS (SELECT 1 FROM dispatch_cases WHERE dispatch = value)
);

-- name: delete_history
DELETE FROM history WHERE case_id IN (SELECT value FROM json_each(:cases));

-- name: delete_hosts
DELETE FROM case_hosts WHERE case_id IN (SELECT value FROM json_each(:cases));

-- name: delete_endings
DELETE FROM endings WHERE case_id IN (SELECT value FROM json_each(:cases));

-- name: delete_words
INSERT INTO case_words (case_words, rowid, text)
SELECT 'delete', id, name || char(10) || subject || char(10) || dedup_key FROM cases WHERE id IN (SELECT value FROM json_each(:cases));

-- Cases and events refer to each other: what is right again at the end may be wrong in between.
-- name: defer_foreign_keys
PRAGMA defer_foreign_keys = ON;

-- name: delete_cases
DELETE FROM cases WHERE id IN (SELECT value FROM json_each(:cases));

-- The event that another case reads now stays.
-- name: delete_events
DELETE FROM events WHERE id IN (SELECT value FROM json_each(:events)) AND NOT EXISTS (SELECT 1 FROM cases WHERE event_row = events.id);

-- name: part_from_cases
UPDATE events SET case_id = NULL WHERE case_id IN (SELECT value FROM json_each(:cases));
