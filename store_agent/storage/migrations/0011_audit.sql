-- The audit becomes a chain: each entry has a hash of its own, made over what it says and the hash of the entry before
-- (domain/chain.py), so that what is changed, deleted or put in past the program shows (DESIGN, section 8). SQL cannot
-- make the hashes: the program chains what has none when it opens the database, also what an older one wrote.

INSERT INTO meta (key, value) VALUES ('schema_11_usable_from', '6')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- What retention let go: the number of the last entry, and its hash, which the chain goes on from. It begins with zeros.
INSERT INTO meta (key, value) VALUES ('audit_anchor', '0 ' || lower(hex(zeroblob(32))))
ON CONFLICT (key) DO NOTHING;

-- A CHECK can only be changed with its table. What actions there are is told by domain/repair.py alone from here on.
DROP TRIGGER revision_discarded_by_somebody;
ALTER TABLE audit RENAME TO audit_before;

-- `lived` is the time the agent had run in all, in seconds, for retention (G14).
CREATE TABLE audit (
    number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    sequence INTEGER,
    reason   TEXT    NOT NULL,
    previous BLOB,
    hash     BLOB,
    lived    INTEGER,
    CONSTRAINT audit_who_length CHECK (length(who) BETWEEN 1 AND 100),
    CONSTRAINT audit_action_form CHECK (length(action) BETWEEN 1 AND 32 AND action NOT GLOB '*[^a-z_]*'),
    CONSTRAINT audit_discard_has_a_reason CHECK (action <> 'discard' OR length(reason) > 0),
    CONSTRAINT audit_chained_whole CHECK (
        (previous IS NULL) = (hash IS NULL) AND (lived IS NULL) = (hash IS NULL)
        AND coalesce(length(previous), 32) = 32 AND coalesce(length(hash), 32) = 32
    )
) STRICT;

INSERT INTO audit (number, at, who, action, sequence, reason)
SELECT number, at, who, action, sequence, reason FROM audit_before;

DROP TABLE audit_before;

CREATE INDEX audit_by_sequence ON audit (sequence) WHERE sequence IS NOT NULL;
-- What is to be chained.
CREATE INDEX audit_unchained ON audit (number) WHERE hash IS NULL;

-- An entry is chained once, and never changed.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL OR (NEW.number, NEW.at, NEW.who, NEW.action, NEW.sequence, NEW.reason)
    IS NOT (OLD.number, OLD.at, OLD.who, OLD.action, OLD.sequence, OLD.reason)
BEGIN
    SELECT RAISE(ABORT, 'the audit cannot be changed');
END;

-- Only retention deletes, and only what the chain is anchored behind.
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
WHEN OLD.number > (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'audit_anchor')
BEGIN
    SELECT RAISE(ABORT, 'the audit cannot be deleted');
END;

-- The anchor only goes on to an entry that is there.
CREATE TRIGGER audit_anchor_goes_on BEFORE UPDATE ON meta
WHEN OLD.key = 'audit_anchor' AND NOT EXISTS (
    SELECT 1 FROM audit
    WHERE number > CAST(OLD.value AS INTEGER) AND NEW.value = number || ' ' || lower(hex(hash))
)
BEGIN
    SELECT RAISE(ABORT, 'the anchor of the audit cannot be changed');
END;

CREATE TRIGGER audit_anchor_stays BEFORE DELETE ON meta WHEN OLD.key = 'audit_anchor'
BEGIN
    SELECT RAISE(ABORT, 'the anchor of the audit cannot be deleted');
END;

CREATE TRIGGER revision_discarded_by_somebody BEFORE UPDATE OF state ON revision
WHEN OLD.state = 'parked' AND NEW.state = 'discarded'
    AND NOT EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence AND action = 'discard')
BEGIN
    SELECT RAISE(ABORT, 'nothing is discarded without an entry in the audit');
END;
