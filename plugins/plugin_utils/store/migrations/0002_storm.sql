-- What a storm, a pause and a person's decision need, and the indexes for lists that stay fast with a million old cases.

ALTER TABLE cases ADD COLUMN name TEXT NOT NULL DEFAULT '';        -- data.name of its events
ALTER TABLE cases ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';   -- backoff, cooldown, maintenance, pause, storm
ALTER TABLE cases ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';  -- the person who approved, rejected or suppressed it
ALTER TABLE cases ADD COLUMN ran_at REAL;                          -- when its last run ended
UPDATE cases SET waits_for = 'backoff' WHERE state = 'waiting';

ALTER TABLE history ADD COLUMN by TEXT NOT NULL DEFAULT 'router';

-- Target hosts of each case: which are free, which are failing, which case was about a host.
CREATE TABLE case_hosts (
    host    TEXT    NOT NULL,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (case_id, host)
) WITHOUT ROWID;
CREATE INDEX cases_of_host ON case_hosts (host, case_id);

ALTER TABLE dispatch_cases ADD COLUMN hosts TEXT NOT NULL DEFAULT '[]';  -- the case's own when it was planned
ALTER TABLE dispatch_cases ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- 0 is the most urgent

CREATE TABLE pauses (
    id    INTEGER PRIMARY KEY,
    match TEXT NOT NULL,                       -- JSON; {} is everything
    since REAL NOT NULL,
    by    TEXT NOT NULL,
    why   TEXT NOT NULL,
    until REAL,
    ended INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE storm (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    since       REAL    NOT NULL,
    unhealthy   INTEGER NOT NULL,
    known_hosts INTEGER NOT NULL,
    released_by TEXT    NOT NULL
);
