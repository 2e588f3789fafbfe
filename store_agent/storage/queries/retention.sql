-- name: lived
-- How long the agent ran in all, in seconds.
SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'lived_seconds';

-- name: live_on
-- Note that it ran for longer.
UPDATE meta SET value = CAST(? AS TEXT) WHERE key = 'lived_seconds';

-- name: note_milestone
-- Note how far it is now, unless that was noted a short time ago.
INSERT INTO milestone (lived, sequence, batch)
SELECT
    :lived,
    coalesce((SELECT max(sequence) FROM revision), 0),
    coalesce((SELECT max(number) FROM batch), 0)
WHERE NOT EXISTS (SELECT 1 FROM milestone WHERE lived > :lived - :apart);

-- name: forget_milestones
-- The oldest that is needed, and what came after it, are enough.
DELETE FROM milestone WHERE lived < (SELECT max(lived) FROM milestone WHERE lived <= ?);

-- name: milestone_at
-- How far it was at a lived time; the newest revision stays in any case, since the next sequence comes from it.
SELECT min(sequence, (SELECT coalesce(max(sequence), 1) - 1 FROM revision)), batch FROM milestone WHERE lived <= ? ORDER BY lived DESC LIMIT 1;

-- name: settled_kept
-- How many settled revisions are kept.
SELECT coalesce(sum(tally.revisions - purged.revisions), 0) FROM purged JOIN tally USING (state);

-- name: oldest_settled
-- The last of the oldest settled revisions, so many of them.
SELECT max(sequence) FROM (
    SELECT sequence FROM revision NOT INDEXED
    WHERE state IN ('delivered', 'superseded', 'discarded')
    ORDER BY sequence
    LIMIT ?
);

-- name: may_go
-- Transactions with a settled revision of a state, of which nothing is open and nothing is newer than the limits. A
-- transaction goes as a whole: a state of it that is sent again must be known as long as a newer one is (G4, G9).
SELECT sequence, transaction_id FROM revision AS candidate INDEXED BY revision_by_state
WHERE state = :state AND sequence > :after AND sequence <= :sequence
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other INDEXED BY revision_by_transaction
        WHERE other.transaction_id = candidate.transaction_id
            AND (
                other.sequence > :sequence OR other.batch > :batch
                OR other.state NOT IN ('delivered', 'superseded', 'discarded')
            )
    )
ORDER BY sequence
LIMIT :most;

-- name: batches_of
-- The requests in which the revisions of a transaction went out last.
SELECT DISTINCT batch FROM revision WHERE transaction_id = ? AND batch IS NOT NULL;

-- name: purge
-- Delete a transaction with its texts, if it still may go.
DELETE FROM revision
WHERE transaction_id = :transaction_id
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other INDEXED BY revision_by_transaction
        WHERE other.transaction_id = :transaction_id
            AND (
                other.sequence > :sequence OR other.batch > :batch
                OR other.state NOT IN ('delivered', 'superseded', 'discarded')
            )
    );

-- name: orphan_codes
-- The receipt codes of a transaction that is gone stay for longer (G8).
UPDATE receipt_code SET orphaned = ? WHERE transaction_id = ?;

-- name: purge_batch
-- Delete a request that no revision refers to any more.
DELETE FROM batch
WHERE number = ? AND state <> 'frozen' AND NOT EXISTS (SELECT 1 FROM revision WHERE revision.batch = batch.number);

-- name: purge_old_batches
-- Delete old requests that no revision refers to: those that were split.
DELETE FROM batch WHERE number IN (
    SELECT number FROM batch
    WHERE number <= ? AND state <> 'frozen' AND NOT EXISTS (SELECT 1 FROM revision WHERE revision.batch = batch.number)
    ORDER BY number
    LIMIT ?
);

-- name: purge_codes
-- Delete receipt codes whose transaction has been gone for long, and has not come back.
DELETE FROM receipt_code WHERE code IN (
    SELECT code FROM receipt_code INDEXED BY receipt_code_orphaned
    WHERE orphaned <= ?
        AND NOT EXISTS (SELECT 1 FROM revision WHERE revision.transaction_id = receipt_code.transaction_id)
    ORDER BY orphaned
    LIMIT ?
);

-- name: spare_pages
-- How many pages of the file hold nothing.
SELECT freelist_count FROM pragma_freelist_count;
