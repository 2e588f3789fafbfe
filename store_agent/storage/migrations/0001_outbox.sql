-- The outbox, its receipt codes and the terminals that may fill it (DESIGN, section 5).
-- Times are milliseconds since 1970 and only label. Amounts are ten-thousandths of the currency unit.

CREATE TABLE terminal (
    name       TEXT    NOT NULL PRIMARY KEY,
    token_hash BLOB    NOT NULL,
    added_at   INTEGER NOT NULL,
    revoked_at INTEGER,
    CONSTRAINT terminal_name_length CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT terminal_token_is_sha256 CHECK (length(token_hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
    number            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    request_id        TEXT    NOT NULL,
    endpoint          TEXT    NOT NULL,
    body              BLOB,
    state             TEXT    NOT NULL DEFAULT 'frozen',
    members           INTEGER NOT NULL,
    platform_failures INTEGER NOT NULL DEFAULT 0,
    frozen_at         INTEGER NOT NULL,
    answered_at       INTEGER,
    answer            TEXT,
    CONSTRAINT batch_state CHECK (state IN ('frozen', 'delivered', 'split', 'parked')),
    CONSTRAINT batch_members CHECK (members BETWEEN 1 AND 10),
    CONSTRAINT batch_keeps_its_bytes_until_answered CHECK ((state = 'frozen') = (body IS NOT NULL))
) STRICT;

-- The requests without a definite answer, at start and after a failed commit.
CREATE UNIQUE INDEX batch_frozen ON batch (number) WHERE state = 'frozen';

-- What is sent never changes once committed (G3).
CREATE TRIGGER batch_bytes_are_frozen BEFORE UPDATE OF request_id, endpoint, body ON batch
WHEN NEW.request_id <> OLD.request_id OR NEW.endpoint <> OLD.endpoint
    OR (NEW.body IS NOT NULL AND NEW.body IS NOT OLD.body)
BEGIN
    SELECT RAISE(ABORT, 'a frozen request cannot be changed');
END;

CREATE TABLE revision (
    sequence       INTEGER NOT NULL PRIMARY KEY,
    transaction_id TEXT    NOT NULL,
    terminal       TEXT    NOT NULL,
    digest         BLOB    NOT NULL,
    forwarded      TEXT    NOT NULL,
    alone          INTEGER NOT NULL,
    size           INTEGER NOT NULL,
    amount         INTEGER,
    opened_at      TEXT,
    modified_at    TEXT,
    closed         INTEGER NOT NULL,
    voided         INTEGER NOT NULL,
    live           INTEGER NOT NULL,
    codes          TEXT,
    warnings       TEXT,
    accepted_at    INTEGER NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'waiting',
    attempts       INTEGER NOT NULL DEFAULT 0,
    batch          INTEGER REFERENCES batch (number),
    error          TEXT,
    said           TEXT,
    settled_at     INTEGER,
    CONSTRAINT revision_state
        CHECK (state IN ('waiting', 'frozen', 'held', 'parked', 'delivered', 'superseded', 'discarded')),
    CONSTRAINT revision_transaction_id_length CHECK (length(transaction_id) BETWEEN 1 AND 64),
    CONSTRAINT revision_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT revision_flags CHECK (alone IN (0, 1) AND closed IN (0, 1) AND voided IN (0, 1) AND live IN (0, 1)),
    CONSTRAINT revision_frozen_in_a_batch CHECK (state <> 'frozen' OR batch IS NOT NULL)
) STRICT;

-- Claiming, paging by state, the oldest of a state.
CREATE INDEX revision_by_state ON revision (state, sequence);
-- What came before of the same transaction.
CREATE INDEX revision_by_transaction ON revision (transaction_id, sequence);
-- Settling finds the members of a batch.
CREATE INDEX revision_by_batch ON revision (batch) WHERE batch IS NOT NULL;
-- Never two revisions of one transaction in flight (G4).
CREATE UNIQUE INDEX revision_one_in_flight ON revision (transaction_id) WHERE state = 'frozen';
-- A held revision keeps later ones of its transaction back (G4).
CREATE INDEX revision_held ON revision (transaction_id) WHERE state = 'held';

-- The POS's own JSON with receipt codes; apart, so that a change of state does not rewrite it.
CREATE TABLE payload (
    sequence INTEGER NOT NULL PRIMARY KEY REFERENCES revision (sequence) ON DELETE CASCADE,
    body     BLOB    NOT NULL
) STRICT;

CREATE TABLE receipt_code (
    code           TEXT    NOT NULL PRIMARY KEY,
    transaction_id TEXT    NOT NULL,
    payment        TEXT    NOT NULL,
    minted         INTEGER NOT NULL,
    kept_at        INTEGER NOT NULL,
    CONSTRAINT receipt_code_minted CHECK (minted IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Counts and sums that cost the same at any size; 'accepted' is counted on its own, so that the books can be checked.
CREATE TABLE tally (
    state     TEXT    NOT NULL PRIMARY KEY,
    revisions INTEGER NOT NULL DEFAULT 0,
    amount    INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT tally_is_not_negative CHECK (revisions >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO tally (state)
VALUES ('accepted'), ('waiting'), ('frozen'), ('held'), ('parked'), ('delivered'), ('superseded'), ('discarded');

CREATE TRIGGER revision_starts_waiting BEFORE INSERT ON revision WHEN NEW.state <> 'waiting'
BEGIN
    SELECT RAISE(ABORT, 'a revision starts as waiting');
END;

CREATE TRIGGER revision_accepted AFTER INSERT ON revision
BEGIN
    UPDATE tally SET revisions = revisions + 1, amount = amount + coalesce(NEW.amount, 0)
    WHERE state IN ('accepted', 'waiting');
END;

-- The lifecycle of domain/lifecycle.py; every other move is refused.
CREATE TRIGGER revision_moves BEFORE UPDATE OF state ON revision
WHEN NOT (
    (OLD.state = 'waiting' AND NEW.state IN ('frozen', 'superseded', 'held'))
    OR (OLD.state = 'frozen' AND NEW.state IN ('delivered', 'waiting', 'parked'))
    OR (OLD.state = 'held' AND NEW.state = 'waiting')
    OR (OLD.state = 'parked' AND NEW.state IN ('waiting', 'discarded'))
)
BEGIN
    SELECT RAISE(ABORT, 'a revision cannot move like this');
END;

CREATE TRIGGER revision_moved AFTER UPDATE OF state ON revision
BEGIN
    UPDATE tally SET revisions = revisions - 1, amount = amount - coalesce(OLD.amount, 0) WHERE state = OLD.state;
    UPDATE tally SET revisions = revisions + 1, amount = amount + coalesce(NEW.amount, 0) WHERE state = NEW.state;
END;

-- What was acknowledged is not rewritten, and nothing leaves the books before it is settled (G2).
CREATE TRIGGER revision_facts_are_fixed
BEFORE UPDATE OF transaction_id, terminal, digest, forwarded, amount, accepted_at ON revision
BEGIN
    SELECT RAISE(ABORT, 'what was acknowledged cannot be changed');
END;

CREATE TRIGGER revision_stays_until_settled BEFORE DELETE ON revision
WHEN OLD.state NOT IN ('delivered', 'superseded', 'discarded')
BEGIN
    SELECT RAISE(ABORT, 'a revision that is not settled cannot be deleted');
END;

-- Sequences are given by the largest one in the table and must never be given twice.
CREATE TRIGGER revision_newest_stays BEFORE DELETE ON revision
WHEN OLD.sequence = (SELECT max(sequence) FROM revision)
BEGIN
    SELECT RAISE(ABORT, 'the newest revision cannot be deleted');
END;
