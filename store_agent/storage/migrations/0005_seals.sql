-- Checksums that notice damage SQLite does not see, and what was found damaged (DESIGN, section 2, G13).

-- CRC-32 over the fixed facts of a revision and its text, and over a frozen request; see storage/seal.py. NULL for rows
-- from before this step.
ALTER TABLE payload ADD COLUMN seal INTEGER;
ALTER TABLE batch ADD COLUMN seal INTEGER;

-- What was found damaged and what became of it; shown until a person acknowledges it. `details` is JSON.
CREATE TABLE incident (
    number          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    words           TEXT    NOT NULL,
    details         TEXT    NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    reason          TEXT,
    CONSTRAINT incident_acknowledged_by_somebody CHECK (
        (acknowledged_at IS NULL) = (acknowledged_by IS NULL) AND (acknowledged_at IS NULL) = (reason IS NULL)
    ),
    CONSTRAINT incident_who_length CHECK (acknowledged_by IS NULL OR length(acknowledged_by) BETWEEN 1 AND 100)
) STRICT;

CREATE INDEX incident_open ON incident (number) WHERE acknowledged_at IS NULL;

CREATE TRIGGER incident_is_acknowledged_once BEFORE UPDATE ON incident
WHEN OLD.acknowledged_at IS NOT NULL OR NEW.at <> OLD.at OR NEW.words <> OLD.words OR NEW.details <> OLD.details
BEGIN
    SELECT RAISE(ABORT, 'an incident is only acknowledged, and only once');
END;

CREATE TRIGGER incident_is_not_deleted BEFORE DELETE ON incident
BEGIN
    SELECT RAISE(ABORT, 'an incident cannot be deleted');
END;

-- The newest sequence may have been lost with its row; it must not be given again all the same.
INSERT INTO meta (key, value) VALUES ('sequences_given', '0');
