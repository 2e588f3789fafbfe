-- What lets old rows go without trusting a clock, and lets a restore be audited (DESIGN, sections 2 and 5; G14).

-- Time the agent ran, in seconds, and how far it was then: what lies at or below a milestone is at least as old.
CREATE TABLE milestone (
    lived    INTEGER NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    batch    INTEGER NOT NULL
) STRICT;

INSERT INTO meta (key, value) VALUES ('lived_seconds', '0');

-- What was deleted after it had settled: rows kept of a state = its tally - what was purged of it.
CREATE TABLE purged (
    state     TEXT    NOT NULL PRIMARY KEY,
    revisions INTEGER NOT NULL DEFAULT 0,
    amount    INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT purged_only_settled CHECK (state IN ('delivered', 'superseded', 'discarded')),
    CONSTRAINT purged_is_not_negative CHECK (revisions >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO purged (state) VALUES ('delivered'), ('superseded'), ('discarded');

CREATE TRIGGER revision_purged AFTER DELETE ON revision
BEGIN
    UPDATE purged SET revisions = revisions + 1, amount = amount + coalesce(OLD.amount, 0) WHERE state = OLD.state;
END;

-- Receipt codes outlive their revisions: `orphaned` is the lived time at which the last revision of the transaction
-- went, NULL while it is there.
ALTER TABLE receipt_code ADD COLUMN orphaned INTEGER;
CREATE INDEX receipt_code_by_transaction ON receipt_code (transaction_id);
CREATE INDEX receipt_code_orphaned ON receipt_code (orphaned) WHERE orphaned IS NOT NULL;

-- A restore is a deed that is audited; a CHECK can only be changed with its table.
DROP TRIGGER revision_discarded_by_somebody;
ALTER TABLE audit RENAME TO audit_before;

CREATE TABLE audit (
    number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    sequence INTEGER,
    reason   TEXT    NOT NULL,
    CONSTRAINT audit_who_length CHECK (length(who) BETWEEN 1 AND 100),
    CONSTRAINT audit_action
        CHECK (action IN ('retry', 'hold', 'release', 'discard', 'drain', 'day_close', 'restore')),
    CONSTRAINT audit_discard_has_a_reason CHECK (action <> 'discard' OR length(reason) > 0)
) STRICT;

INSERT INTO audit (number, at, who, action, sequence, reason)
SELECT number, at, who, action, sequence, reason FROM audit_before;

DROP TABLE audit_before;

CREATE INDEX audit_by_sequence ON audit (sequence) WHERE sequence IS NOT NULL;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit cannot be changed');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit cannot be deleted');
END;

CREATE TRIGGER revision_discarded_by_somebody BEFORE UPDATE OF state ON revision
WHEN OLD.state = 'parked' AND NEW.state = 'discarded'
    AND NOT EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence AND action = 'discard')
BEGIN
    SELECT RAISE(ABORT, 'nothing is discarded without an entry in the audit');
END;
