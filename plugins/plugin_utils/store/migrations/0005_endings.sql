-- Sources that want to hear what became of their cases, from when they first asked on.
CREATE TABLE followers (
    child TEXT PRIMARY KEY
) WITHOUT ROWID;
-- What they have not heard yet: a row for each time that one of their cases came to an end. It goes with its case.
CREATE TABLE endings (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order in which they were written down
    child     TEXT    NOT NULL,
    case_id   INTEGER NOT NULL REFERENCES cases (id),
    event_row INTEGER NOT NULL,                -- the newest event then
    state     TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    mode      TEXT    NOT NULL,
    attempt   INTEGER NOT NULL,
    ended_at  REAL    NOT NULL
);
CREATE INDEX endings_of_child ON endings (child, id);
CREATE INDEX endings_of_case ON endings (case_id);
