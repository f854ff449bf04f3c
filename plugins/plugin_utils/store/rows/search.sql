-- How cases are found: what a field asks for, and where the cases that have it are listed. A list of values is JSON.

-- name: filter_ids
c.id IN (SELECT value FROM json_each(:ids))
-- name: filter_states
c.state IN (SELECT value FROM json_each(:states))
-- name: filter_kinds
c.kind IN (SELECT value FROM json_each(:kinds))
-- name: filter_types
c.type IN (SELECT value FROM json_each(:types))
-- name: filter_names
c.name IN (SELECT value FROM json_each(:names))
-- name: filter_severities
c.severity IN (SELECT value FROM json_each(:severities))
-- name: filter_dedup_keys
c.dedup_key IN (SELECT value FROM json_each(:dedup_keys))
-- name: filter_hosts
EXISTS (SELECT 1 FROM case_hosts AS h WHERE h.case_id = c.id AND +h.host IN (SELECT value FROM json_each(:hosts)))
-- name: filter_live
c.live = :live
-- name: filter_updated_after
c.updated_at > :updated_after
-- name: filter_text
(c.name LIKE :text ESCAPE '\' OR c.subject LIKE :text ESCAPE '\' OR c.dedup_key LIKE :text ESCAPE '\')
-- name: filter_without_types
substr(c.type, 1, length(:without_types)) <> :without_types
-- name: filter_before_id
c.id < :before_id

-- name: listed_ids
SELECT value FROM json_each(:ids)
-- name: listed_types
SELECT id FROM cases WHERE type IN (SELECT value FROM json_each(:types))
-- name: listed_names
SELECT id FROM cases WHERE name IN (SELECT value FROM json_each(:names))
-- name: listed_dedup_keys
SELECT id FROM cases WHERE dedup_key IN (SELECT value FROM json_each(:dedup_keys))
-- name: listed_hosts
SELECT case_id FROM case_hosts WHERE host IN (SELECT value FROM json_each(:hosts))
-- name: listed_live
SELECT id FROM cases WHERE live = 1
-- name: listed_updated_after
SELECT id FROM cases INDEXED BY cases_updated WHERE updated_at > :updated_after
-- name: listed_text
SELECT rowid FROM case_words WHERE case_words MATCH :words

-- name: count
SELECT count(*) FROM ({listed} LIMIT :most)

-- name: of_few
SELECT {of_case} FROM cases AS c WHERE c.id IN ({listed}) AND {filters} ORDER BY c.id DESC LIMIT :limit

-- name: of_all
SELECT {of_case} FROM cases AS c WHERE {filters} ORDER BY c.id DESC LIMIT :limit

-- name: newest_of_name
SELECT * FROM (SELECT c.id FROM cases AS c WHERE c.name = :name{number} AND {filters} ORDER BY c.id DESC LIMIT :limit)

-- name: newest_of_type
SELECT * FROM (SELECT c.id FROM cases AS c WHERE c.type = :type{number} AND {filters} ORDER BY c.id DESC LIMIT :limit)

-- name: newest_of_class
SELECT * FROM (
    SELECT c.id FROM cases AS c
    WHERE c.kind = :kind{number} AND c.severity = :severity{number} AND c.state = :state{number} AND {filters}
    ORDER BY c.id DESC LIMIT :limit
)
