-- What a storm, a pause and a person's decision need, and the indexes for lists that stay fast with a million old cases.

ALTER TABLE cases ADD COLUMN name TEXT NOT NULL DEFAULT '';        -- data.name of its events
ALTER TABLE cases ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';   -- backoff, cooldown, maintenance, pause, storm
ALTER TABLE cases ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';  -- the person who approved, rejected or suppressed it
ALTER TABLE cases ADD COLUMN ran_at REAL;                          -- when its last run ended
UPDATE cases SET waits_for = 'backoff' WHERE state = 'waiting';
-- SQLite reads no NaN and no half surrogate pair, both of which a sender's text may hold: such a name stays empty.
UPDATE cases SET name = coalesce((
    SELECT json_extract(body, '$.data.name') FROM events
    WHERE events.id = cases.event_row AND body NOT LIKE '%\ud%' AND json_valid(body) AND json_type(body, '$.data.name') = 'text'
), '');
UPDATE cases SET ran_at = (
    SELECT max(d.ended_at) FROM dispatch_cases c JOIN dispatches d ON d.uuid = c.dispatch WHERE c.case_id = cases.id
);

ALTER TABLE history ADD COLUMN by TEXT NOT NULL DEFAULT 'router';

-- Target hosts of each case: which are free, which are failing, which case was about a host.
CREATE TABLE case_hosts (
    host      TEXT    NOT NULL,
    case_id   INTEGER NOT NULL REFERENCES cases (id),
    unhealthy INTEGER NOT NULL,                -- 1 while its case is a live incident that names this host
    PRIMARY KEY (case_id, host)
) WITHOUT ROWID;
INSERT INTO case_hosts (host, case_id, unhealthy)
SELECT DISTINCT named.value, cases.id, cases.live = 1 AND cases.kind = 'incident' FROM cases, json_each(cases.hosts) AS named;
INSERT INTO case_hosts (host, case_id, unhealthy) SELECT 'localhost', id, 0 FROM cases WHERE hosts = '[]';
CREATE INDEX cases_of_host ON case_hosts (host, case_id);
CREATE INDEX hosts_unhealthy ON case_hosts (host) WHERE unhealthy = 1;

ALTER TABLE dispatches ADD COLUMN result TEXT NOT NULL DEFAULT '';    -- succeeded, failed, partly_failed, untaken, other
ALTER TABLE dispatch_cases ADD COLUMN hosts TEXT NOT NULL DEFAULT '[]';  -- the case's own when it was planned
ALTER TABLE dispatch_cases ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- 0 is the most urgent
-- Until now a dispatch had one case.
UPDATE dispatch_cases SET hosts = (SELECT hosts FROM dispatches WHERE uuid = dispatch);

-- For the router's next step. Each index holds only what waits for something, however many cases are over.
DROP INDEX cases_ready;
DROP INDEX cases_due;
DROP INDEX cases_unfinished;
CREATE INDEX cases_unfinished ON cases (state)
    WHERE state IN ('open', 'awaiting_approval', 'dispatched', 'running', 'verifying', 'waiting');
CREATE INDEX cases_ready ON cases (rank, id, due_at)
    WHERE state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance'));
CREATE INDEX cases_alike ON cases (type, name, mode, attempt, decided_by, rank, id, due_at)
    WHERE state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance'));
CREATE INDEX cases_due ON cases (state, due_at) WHERE state IN ('open', 'waiting', 'verifying', 'awaiting_approval');
CREATE INDEX cases_lifted ON cases (waits_for, id) WHERE state = 'waiting';
CREATE INDEX cases_standing ON cases (opened_at) WHERE state = 'open' OR (state = 'waiting' AND waits_for IN ('pause', 'storm'));
CREATE INDEX cases_ran ON cases (dedup_key, ran_at) WHERE ran_at IS NOT NULL;

-- For people's questions, each followed by the id: newest first.
CREATE INDEX cases_of_class ON cases (kind, severity, state);
CREATE INDEX cases_of_type ON cases (type);
CREATE INDEX cases_of_name ON cases (name);
CREATE INDEX cases_of_key ON cases (dedup_key);
CREATE INDEX cases_updated ON cases (updated_at);

-- An event has no case when it is accepted, and is not indexed as such: senders wait for that.
DROP INDEX events_of_case;
CREATE INDEX events_of_case ON events (case_id) WHERE case_id IS NOT NULL;
-- For retention: events that nobody follows, and whether a case reads an event.
CREATE INDEX events_caseless ON events (received_at) WHERE case_id IS NULL AND handled = 1;
CREATE INDEX cases_reading ON cases (event_row);

DROP INDEX dispatches_unfinished;
CREATE INDEX dispatches_unfinished ON dispatches (planned_at) WHERE state <> 'ended';

CREATE TABLE pauses (
    id    INTEGER PRIMARY KEY,
    match TEXT NOT NULL,                       -- JSON; {} is everything
    since REAL NOT NULL,
    by    TEXT NOT NULL,
    why   TEXT NOT NULL,
    until REAL,
    ended INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX pauses_holding ON pauses (since) WHERE ended = 0;

CREATE TABLE storm (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    since       REAL    NOT NULL,
    unhealthy   INTEGER NOT NULL,
    known_hosts INTEGER NOT NULL,
    released_by TEXT    NOT NULL
);

-- Tells this store from any other file that is put in its place.
CREATE TABLE identity (
    id        TEXT    NOT NULL,
    has_words INTEGER NOT NULL DEFAULT 0       -- 1 while the index of texts is complete: see rows/words.py
);
INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));
