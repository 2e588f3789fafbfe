-- Taking sales out of the store's books is a deed that is audited, since they hold what guests bought; so is letting a
-- terminal in, shutting one out, and printing a receipt once more (DESIGN, section 8).

-- A CHECK can only be changed with its table.
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
    CONSTRAINT audit_action CHECK (
        action IN (
            'retry', 'hold', 'release', 'discard', 'drain', 'day_close', 'restore', 'export', 'terminal_add',
            'terminal_revoke', 'reprint'
        )
    ),
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

-- Older programs show an entry whose action they do not know as it stands.
INSERT INTO meta (key, value) VALUES ('schema_8_usable_from', '6');
