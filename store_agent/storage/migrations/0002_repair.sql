-- What people do to the queue and why, business days, and what a refusal named (DESIGN, sections 2, 5 and 6).

-- How often the platform refused this revision by itself, which fields it named (a JSON list), and whether that was
-- part of a burst of refusals, which is a fault of the configuration (G6).
ALTER TABLE revision ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN fields TEXT;
ALTER TABLE revision ADD COLUMN burst INTEGER NOT NULL DEFAULT 0 CONSTRAINT revision_burst CHECK (burst IN (0, 1));

-- What a burst parked goes back to waiting when the configuration is mended.
CREATE INDEX revision_parked_by_burst ON revision (sequence) WHERE state = 'parked' AND burst = 1;

-- What was done by whom and why; never changed, never deleted.
CREATE TABLE audit (
    number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    sequence INTEGER,
    reason   TEXT    NOT NULL,
    CONSTRAINT audit_who_length CHECK (length(who) BETWEEN 1 AND 100),
    CONSTRAINT audit_action CHECK (action IN ('retry', 'hold', 'release', 'discard', 'drain', 'day_close')),
    CONSTRAINT audit_discard_has_a_reason CHECK (action <> 'discard' OR length(reason) > 0)
) STRICT;

CREATE INDEX audit_by_sequence ON audit (sequence) WHERE sequence IS NOT NULL;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit cannot be changed');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit cannot be deleted');
END;

-- Nothing is discarded without a person and a reason (G2): the audit comes first, in the same commit.
CREATE TRIGGER revision_discarded_by_somebody BEFORE UPDATE OF state ON revision
WHEN OLD.state = 'parked' AND NEW.state = 'discarded'
    AND NOT EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence AND action = 'discard')
BEGIN
    SELECT RAISE(ABORT, 'nothing is discarded without an entry in the audit');
END;

-- Business days that were closed, each with the tallies at that moment (JSON: state to count and amount). The open day
-- is what the tallies have grown by since the last one.
CREATE TABLE business_day (
    number    INTEGER NOT NULL PRIMARY KEY,
    closed_at INTEGER NOT NULL,
    closed_by TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    tallies   TEXT    NOT NULL
) STRICT;

CREATE TRIGGER business_day_stays_closed BEFORE UPDATE ON business_day
BEGIN
    SELECT RAISE(ABORT, 'a closed day cannot be changed');
END;
