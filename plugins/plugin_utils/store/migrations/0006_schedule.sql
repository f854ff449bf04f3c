-- What an event asks for at a time of its own waits for that time, like a case between two attempts.
DROP INDEX cases_ready;
DROP INDEX cases_alike;
CREATE INDEX cases_ready ON cases (rank, id, due_at)
    WHERE state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule'));
CREATE INDEX cases_alike ON cases (type, name, mode, attempt, decided_by, rank, id, due_at)
    WHERE state = 'open' OR (state = 'waiting' AND waits_for IN ('backoff', 'cooldown', 'maintenance', 'schedule'));
