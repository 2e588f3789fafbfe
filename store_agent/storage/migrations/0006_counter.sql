-- The calls at the counter: what waits in the outbox beside the sales, and offers in use (DESIGN, sections 5 and 6).

-- A deferred call is a revision whose `call` names the endpoint it goes to: one of the POS API, or method, upstream and
-- path. It goes by itself. Its transaction_id is a key of its own, which no POS can send; `follows` is the transaction it
-- belongs to: it goes after what was taken of that one before it, and before what was taken after it (G4).
ALTER TABLE revision ADD COLUMN call TEXT;
ALTER TABLE revision ADD COLUMN follows TEXT;

CREATE INDEX revision_follows ON revision (follows, sequence) WHERE follows IS NOT NULL;
CREATE INDEX revision_calls ON revision (state) WHERE call IS NOT NULL;

CREATE TRIGGER revision_call_is_fixed BEFORE UPDATE OF call, follows ON revision
BEGIN
    SELECT RAISE(ABORT, 'what was acknowledged cannot be changed');
END;

-- A use of an offer: asked for by a terminal for a transaction, and what became of it. `code` is what was asked by,
-- `offer` the user offer id of the answer. `age` is in seconds that the agent ran since (G14), `day` a label for the caps
-- of offers allowed offline; `reached` tells that the platform may have heard of one of them all the same. `carried`
-- and `carried_last` are the first and the last revision with it, `sequence` the first that was closed with it, `consumed`
-- tells that such a one arrived.
CREATE TABLE offer_use (
    number         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    transaction_id TEXT    NOT NULL,
    terminal       TEXT    NOT NULL,
    employee       TEXT    NOT NULL,
    action         TEXT    NOT NULL,
    code           TEXT    NOT NULL,
    digest         BLOB    NOT NULL,
    request_id     TEXT    NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'asked',
    offline        INTEGER NOT NULL DEFAULT 0,
    reached        INTEGER NOT NULL DEFAULT 0,
    offer          TEXT,
    guest          TEXT,
    answer         BLOB,
    day            TEXT,
    carried        INTEGER,
    carried_last   INTEGER,
    sequence       INTEGER,
    consumed       INTEGER NOT NULL DEFAULT 0,
    age            INTEGER NOT NULL DEFAULT 0,
    asked_at       INTEGER NOT NULL,
    CONSTRAINT offer_use_action CHECK (action IN ('lock', 'redeem')),
    CONSTRAINT offer_use_state CHECK (state IN ('asked', 'applied', 'refused', 'used', 'released')),
    CONSTRAINT offer_use_applied_with_an_answer CHECK (state <> 'applied' OR (answer IS NOT NULL AND offer IS NOT NULL)),
    CONSTRAINT offer_use_offline_has_a_day CHECK (offline IN (0, 1) AND reached IN (0, 1) AND (offline = 0 OR day IS NOT NULL)),
    CONSTRAINT offer_use_consumed CHECK (consumed IN (0, 1)),
    CONSTRAINT offer_use_digest_is_sha256 CHECK (length(digest) = 32)
) STRICT;

CREATE INDEX offer_use_by_transaction ON offer_use (transaction_id);
CREATE INDEX offer_use_by_offer ON offer_use (offer) WHERE offer IS NOT NULL;
CREATE INDEX offer_use_open ON offer_use (age) WHERE state IN ('asked', 'applied');
CREATE INDEX offer_use_offline ON offer_use (day, guest) WHERE offline = 1;
CREATE INDEX offer_use_unsettled ON offer_use (number) WHERE state = 'used' AND consumed = 0;

-- Uses, and what became of the revisions with it: whether the platform has, or may have, one that was closed with it
-- (`sent`), or any with it (`taken`); whether one may still reach it (`leaving`), or a closed one (`pending`).
CREATE VIEW offer_use_seen AS
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, age, consumed, sequence,
    carried_last,
    EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id
            AND revision.sequence BETWEEN offer_use.sequence AND offer_use.carried_last
            AND closed = 1 AND voided = 0 AND revision.state IN ('frozen', 'delivered')
    ) AS sent,
    EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id
            AND revision.sequence BETWEEN offer_use.carried AND offer_use.carried_last
            AND voided = 0 AND revision.state IN ('frozen', 'delivered')
    ) AS taken,
    EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id
            AND revision.sequence BETWEEN offer_use.carried AND offer_use.carried_last
            AND voided = 0 AND revision.state IN ('waiting', 'held')
    ) AS leaving,
    EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id
            AND revision.sequence BETWEEN offer_use.sequence AND offer_use.carried_last
            AND closed = 1 AND voided = 0 AND revision.state IN ('waiting', 'frozen', 'held', 'parked')
    ) AS pending
FROM offer_use;
