-- What there is to do. Every list here follows an index that holds only cases that wait for something.

-- name: in_one_row
SELECT group_concat(id) FROM ({listed});

-- name: ready
SELECT id FROM cases
WHERE (state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule')))
  AND due_at <= :now AND {free}
ORDER BY rank, id LIMIT :limit;

-- name: ready_of_types
SELECT id FROM cases
WHERE (state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule')))
  AND due_at <= :now AND type >= :first_type AND type < :last_type AND {free}
ORDER BY rank, id LIMIT :limit;

-- name: ready_alike
SELECT id FROM cases INDEXED BY cases_alike
WHERE (state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule')))
  AND type = :type AND name = :name AND mode = :mode AND attempt = :attempt AND decided_by = :decided_by
  AND due_at <= :now AND id <> :id AND {free}
ORDER BY rank, id LIMIT :limit;

-- name: ready_of_any_name
SELECT id FROM cases
WHERE (state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule')))
  AND type = :type AND mode = :mode AND attempt = :attempt AND decided_by = :decided_by
  AND due_at <= :now AND id <> :id AND {free}
ORDER BY rank, id LIMIT :limit;

-- name: free
NOT EXISTS (
    SELECT 1 FROM case_hosts AS own WHERE own.case_id = cases.id AND +own.host IN (
        SELECT busy.value FROM dispatches AS d, json_each(d.hosts) AS busy WHERE d.state <> 'ended' AND d.state = 'planned'
    )
)

-- name: lifted
SELECT id FROM cases WHERE state = 'waiting' AND waits_for = ? AND id > ? ORDER BY id LIMIT ?;

-- name: due_of_state
SELECT id FROM cases WHERE state = ? AND state IN ('open', 'waiting', 'verifying', 'awaiting_approval') AND due_at <= ?
ORDER BY due_at LIMIT ?;

-- name: next_due
SELECT min(due) FROM (
    SELECT min(due_at) AS due FROM cases
    WHERE state = 'open' AND state IN ('open', 'waiting', 'verifying', 'awaiting_approval') AND due_at > :now
    UNION ALL
    SELECT min(due_at) FROM cases
    WHERE state = 'waiting' AND state IN ('open', 'waiting', 'verifying', 'awaiting_approval') AND due_at > :now
      AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule')
    UNION ALL
    SELECT min(due_at) FROM cases
    WHERE state = 'verifying' AND state IN ('open', 'waiting', 'verifying', 'awaiting_approval') AND due_at > :now
    UNION ALL
    SELECT min(due_at) FROM cases
    WHERE state = 'awaiting_approval' AND state IN ('open', 'waiting', 'verifying', 'awaiting_approval') AND due_at > :now
    UNION ALL
    SELECT min(until) FROM pauses WHERE ended = 0 AND until > :now
);

-- name: unfinished
SELECT id FROM cases
WHERE state IN ('open', 'awaiting_approval', 'dispatched', 'running', 'verifying', 'waiting') ORDER BY id;

-- name: count_unfinished
SELECT state, count(*) FROM cases
WHERE state IN ('open', 'awaiting_approval', 'dispatched', 'running', 'verifying', 'waiting') GROUP BY state;

-- name: oldest_waiting
SELECT min(opened_at) FROM cases WHERE state = 'open' OR (state = 'waiting' AND waits_for IN ('pause', 'storm'));

-- name: count_unhealthy_hosts
SELECT count(DISTINCT host) FROM case_hosts WHERE unhealthy = 1;

-- name: unhealthy_hosts
SELECT DISTINCT host FROM case_hosts WHERE unhealthy = 1 ORDER BY host;

-- name: open_hosts
SELECT DISTINCT hosts FROM cases WHERE state IN ('open', 'awaiting_approval', 'dispatched', 'running', 'verifying', 'waiting');

-- The last one counts: what is in flight before what is not, then the newest.
-- name: open_connections
SELECT hosts, connections FROM cases
WHERE state IN ('open', 'awaiting_approval', 'dispatched', 'running', 'verifying', 'waiting') AND connections <> ''
ORDER BY state IN ('dispatched', 'running'), id;

-- name: last_run
SELECT max(ran_at) FROM cases WHERE dedup_key = ? AND ran_at IS NOT NULL AND id <> ?;
