-- name: put
INSERT INTO memory (child, key, value) VALUES {rows}
ON CONFLICT (child, key) DO UPDATE SET value = excluded.value;

-- name: forget
DELETE FROM memory WHERE child = ? AND key IN ({keys});

-- name: some
SELECT key, value FROM memory WHERE child = ? AND key IN ({keys});

-- From one text up to another, which is NULL where there is no end.
-- name: with_prefix
SELECT key, value FROM memory
WHERE child = :child AND key >= :from AND (:to IS NULL OR key < :to)
ORDER BY key LIMIT :limit;
