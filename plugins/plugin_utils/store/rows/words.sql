-- The index of the texts of cases by every three letters in a row. It holds no texts: what it finds is compared with the case.

-- name: create
CREATE VIRTUAL TABLE case_words USING fts5(text, content = '', tokenize = 'trigram', detail = 'none');

-- name: drop
DROP TABLE IF EXISTS case_words;

-- name: fill
INSERT INTO case_words (rowid, text) SELECT id, name || char(10) || subject || char(10) || dedup_key FROM cases ORDER BY id;

-- name: note
UPDATE identity SET has_words = ?;

-- name: has_words
SELECT has_words FROM identity;

-- name: look_at_terms
CREATE VIRTUAL TABLE IF NOT EXISTS temp.case_terms USING fts5vocab(main, case_words, row);

-- name: terms
SELECT term FROM temp.case_terms WHERE instr(term, ?) LIMIT ?;

-- name: insert
INSERT INTO case_words (rowid, text) VALUES (?, ?);

-- name: delete
INSERT INTO case_words (case_words, rowid, text) VALUES ('delete', ?, ?);
