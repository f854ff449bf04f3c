-- What a source of ours remembers between its lives: how far it has read, what it holds back. Retention does not touch it.
CREATE TABLE memory (
    child TEXT NOT NULL,                       -- each source has its own keys
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (child, key)
) WITHOUT ROWID;
