-- Hosts that a case's newest event declares, with their connection variables, as JSON; empty for most cases.
ALTER TABLE cases ADD COLUMN connections TEXT NOT NULL DEFAULT '';
-- What the inventory of cases is made of, before each dispatch.
CREATE INDEX cases_declaring ON cases (id)
    WHERE state IN ('open', 'awaiting_approval', 'dispatched', 'running', 'verifying', 'waiting') AND connections <> '';
