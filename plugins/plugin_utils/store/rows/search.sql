-- How cases are found: by the index of one field, the newest first, with all other fields as {filters}.
-- A list of values is JSON; NULL is a field that was not asked for.

-- name: filters
    (:states IS NULL OR c.state IN (SELECT value FROM json_each(:states)))
AND (:kinds IS NULL OR c.kind IN (SELECT value FROM json_each(:kinds)))
AND (:types IS NULL OR c.type IN (SELECT value FROM json_each(:types)))
AND (:names IS NULL OR c.name IN (SELECT value FROM json_each(:names)))
AND (:severities IS NULL OR c.severity IN (SELECT value FROM json_each(:severities)))
AND (:dedup_keys IS NULL OR c.dedup_key IN (SELECT value FROM json_each(:dedup_keys)))
AND (:ids IS NULL OR c.id IN (SELECT value FROM json_each(:ids)))
AND (:hosts IS NULL OR EXISTS (
    SELECT 1 FROM case_hosts AS h WHERE h.case_id = c.id AND h.host IN (SELECT value FROM json_each(:hosts))
))
AND (:live IS NULL OR c.live = :live)
AND (:updated_after IS NULL OR c.updated_at > :updated_after)
AND (:text IS NULL OR c.name LIKE :text ESCAPE '\' OR c.subject LIKE :text ESCAPE '\' OR c.dedup_key LIKE :text ESCAPE '\')

-- name: newest
SELECT {of_case} FROM cases AS c WHERE c.id < :before_id AND {filters} ORDER BY c.id DESC LIMIT :limit;

-- name: some
SELECT {of_case} FROM cases AS c WHERE +c.id < :before_id AND c.id IN ({candidates}) AND {filters} ORDER BY c.id DESC LIMIT :limit;
