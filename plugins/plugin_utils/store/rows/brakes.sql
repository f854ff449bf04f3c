-- name: insert_pause
INSERT INTO pauses (match, since, by, why, until) VALUES (?, ?, ?, ?, ?);

-- name: holding
SELECT match, since, by, why, until, id FROM pauses WHERE ended = 0 AND (until IS NULL OR until > ?) ORDER BY since, id;

-- name: end_pause
UPDATE pauses SET ended = 1 WHERE id = ?;

-- name: storm
SELECT since, unhealthy, known_hosts, released_by FROM storm;

-- name: put_storm
INSERT OR REPLACE INTO storm (id, since, unhealthy, known_hosts, released_by) VALUES (1, ?, ?, ?, ?);

-- name: end_storm
DELETE FROM storm;
