-- Times are seconds since the epoch (REAL). Text in `body`, `hosts` is JSON.

CREATE TABLE events (
    id          INTEGER PRIMARY KEY,           -- the order in which events were accepted
    child       TEXT    NOT NULL,              -- who handed it in: ids are unique per sender, not across senders
    source      TEXT    NOT NULL,
    event_id    TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    dedup_key   TEXT    NOT NULL,
    body        TEXT    NOT NULL,              -- the envelope, redacted, as it was received
    received_at REAL    NOT NULL,
    handled     INTEGER NOT NULL DEFAULT 0,    -- 1 once the router has looked at it
    case_id     INTEGER REFERENCES cases (id),
    UNIQUE (child, source, event_id)
);
CREATE INDEX events_unhandled ON events (id) WHERE handled = 0;
CREATE INDEX events_of_case ON events (case_id);

CREATE TABLE cases (
    id          INTEGER PRIMARY KEY,
    dedup_key   TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    hosts       TEXT    NOT NULL,              -- resolved: names that the inventory has
    child       TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    reason      TEXT    NOT NULL DEFAULT '',
    mode        TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    opened_at   REAL    NOT NULL,
    updated_at  REAL    NOT NULL,
    due_at      REAL    NOT NULL,              -- not before this time (open, waiting); not after it (verifying)
    rank        REAL    NOT NULL,              -- the smallest goes first; see policy.rank
    event_row   INTEGER NOT NULL REFERENCES events (id),
    dispatch    TEXT,                          -- the uuid in flight
    again       INTEGER NOT NULL DEFAULT 0,    -- an event joined while it ran: send it out once more
    live        INTEGER NOT NULL               -- 1 while further events with this dedup_key join it
);
CREATE UNIQUE INDEX cases_live ON cases (dedup_key) WHERE live = 1;
CREATE INDEX cases_ready ON cases (rank) WHERE state IN ('open', 'waiting');
CREATE INDEX cases_due ON cases (due_at) WHERE state IN ('open', 'waiting', 'verifying');
CREATE INDEX cases_unfinished ON cases (state)
    WHERE state IN ('open', 'dispatched', 'running', 'verifying', 'waiting');

CREATE TABLE history (
    id         INTEGER PRIMARY KEY,
    case_id    INTEGER NOT NULL REFERENCES cases (id),
    time       REAL    NOT NULL,
    from_state TEXT,                           -- NULL: the case was opened
    to_state   TEXT    NOT NULL,
    why        TEXT    NOT NULL
);
CREATE INDEX history_of_case ON history (case_id);

CREATE TABLE dispatches (
    uuid          TEXT    PRIMARY KEY,
    attempt       INTEGER NOT NULL,
    hosts         TEXT    NOT NULL,            -- meta.hosts: what becomes --limit
    state         TEXT    NOT NULL,            -- planned, ended
    outcome       TEXT    NOT NULL DEFAULT '',
    interruptions INTEGER NOT NULL DEFAULT 0,  -- how often the engine died while it was in flight
    playbooks     INTEGER NOT NULL DEFAULT 0,  -- how many the rules that took it start
    planned_at    REAL    NOT NULL,
    ended_at      REAL
) WITHOUT ROWID;
CREATE INDEX dispatches_unfinished ON dispatches (uuid) WHERE state = 'planned';

CREATE TABLE dispatch_cases (
    dispatch TEXT    NOT NULL REFERENCES dispatches (uuid),
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (dispatch, case_id)
) WITHOUT ROWID;
CREATE INDEX dispatches_of_case ON dispatch_cases (case_id);

CREATE TABLE executions (
    dispatch   TEXT NOT NULL REFERENCES dispatches (uuid),
    pid        INTEGER NOT NULL,
    playbook   TEXT NOT NULL,
    host       TEXT NOT NULL,
    status     TEXT NOT NULL,                  -- ok, failed, unreachable, skipped
    changed    INTEGER NOT NULL,
    duration   REAL NOT NULL,
    error      TEXT,
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    PRIMARY KEY (dispatch, pid, playbook, host)
) WITHOUT ROWID;
