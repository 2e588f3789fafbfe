-- name: waiting_candidates
-- The oldest revisions of a stretch that may go now: none whose transaction has one in flight or held (G4). A call
-- goes after what was taken before it of the transaction it follows, and of its own kind; a sale goes after the calls that
-- follow its transaction and were taken before it.
SELECT sequence, size, forwarded, alone
FROM revision AS candidate
WHERE state = 'waiting' AND sequence > ? AND sequence <= ?
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other
        WHERE other.transaction_id = candidate.transaction_id AND other.state = 'frozen'
    )
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other
        WHERE other.transaction_id = candidate.transaction_id AND other.state = 'held'
    )
    AND (
        candidate.call IS NULL OR NOT EXISTS (
            SELECT 1 FROM revision AS other INDEXED BY revision_by_transaction
            WHERE other.transaction_id IN (candidate.transaction_id, candidate.follows)
                AND other.sequence < candidate.sequence AND other.state IN ('waiting', 'frozen', 'held')
        )
    )
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other INDEXED BY revision_follows
        WHERE other.follows = candidate.transaction_id AND other.sequence < candidate.sequence
            AND other.state IN ('waiting', 'frozen', 'held')
    )
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other INDEXED BY revision_follows
        WHERE other.follows = candidate.follows AND other.sequence < candidate.sequence
            AND other.state IN ('waiting', 'frozen', 'held')
    )
ORDER BY sequence
LIMIT ?;

-- name: sales_of
-- The fixed facts of some revisions (a JSON list), whether the platform refused each before, but for a burst, its text and
-- its seal.
SELECT
    revision.sequence, transaction_id, terminal, digest, forwarded, alone, amount, codes, call, follows,
    refusals > 0 AND burst = 0, payload.body, payload.seal
FROM json_each(?) AS asked
CROSS JOIN revision ON revision.sequence = asked.value
CROSS JOIN payload ON payload.sequence = asked.value;

-- name: extent
-- The highest sequence, and whether anything waits.
SELECT
    coalesce((SELECT max(sequence) FROM revision), 0),
    EXISTS (SELECT 1 FROM revision WHERE state = 'waiting');

-- name: insert_batch
-- Freeze a request (G3).
INSERT INTO batch (request_id, endpoint, body, members, frozen_at, seal) VALUES (?, ?, ?, ?, ?, ?);

-- name: freeze
-- Put waiting revisions (a JSON list) into a batch.
UPDATE revision SET state = 'frozen', batch = ? WHERE sequence IN (SELECT value FROM json_each(?)) AND state = 'waiting';

-- name: frozen_batches
-- The requests without a definite answer, oldest first; of their bodies how they begin and how long they are stored.
SELECT number, request_id, endpoint, substr(body, 1, 32), length(body), platform_failures
FROM batch
WHERE state = 'frozen'
ORDER BY number;

-- name: body_of
-- A frozen request with its bytes and their seal.
SELECT request_id, endpoint, body, seal FROM batch WHERE number = ? AND state = 'frozen';

-- name: is_frozen
-- Whether a request still waits for its definite answer.
SELECT 1 FROM batch WHERE number = ? AND state = 'frozen';

-- name: frozen_members
-- The members of a frozen batch, in order, and whether each was refused before, but for a burst.
SELECT sequence, refusals > 0 AND burst = 0 FROM revision WHERE batch = ? AND state = 'frozen' ORDER BY sequence;

-- name: made_by
-- Who made a request of a single member, and what call it is.
SELECT terminal, call FROM revision WHERE batch = ? AND state = 'frozen' LIMIT 1;

-- name: end_batch
-- A definite answer ends a batch and frees its bytes.
UPDATE batch SET state = ?, body = NULL, answered_at = ?, answer = ? WHERE number = ? AND state = 'frozen';

-- name: deliver_members
-- The platform has them.
UPDATE revision
SET state = 'delivered', settled_at = ?, attempts = attempts + 1, error = NULL, said = NULL, fields = NULL
WHERE batch = ? AND state = 'frozen';

-- name: park_members
-- The platform refuses them as records; a person has to look.
UPDATE revision
SET state = 'parked', settled_at = ?, attempts = attempts + 1, refusals = refusals + 1, burst = 0, error = ?, said = ?,
    fields = ?
WHERE batch = ? AND state = 'frozen';

-- name: mark_burst
-- These refusals (a JSON list) are the configuration's fault.
UPDATE revision SET burst = 1 WHERE sequence IN (SELECT value FROM json_each(?));

-- name: parked_by_burst
-- What a burst of refusals parked, and was not refused more often than a number of times, if there is one.
SELECT sequence FROM revision INDEXED BY revision_parked_by_burst
WHERE state = 'parked' AND burst = 1 AND (:refusals_max IS NULL OR refusals <= :refusals_max)
ORDER BY sequence;

-- name: release_members
-- Back to waiting, to be frozen again in smaller requests.
UPDATE revision SET state = 'waiting', attempts = attempts + 1, error = ?, said = ? WHERE batch = ? AND state = 'frozen';

-- name: supersede_overtaken
-- A released revision that a newer one of its transaction has overtaken need not go out any more.
UPDATE revision SET state = 'superseded', settled_at = ?
WHERE batch = ? AND state = 'waiting' AND call IS NULL AND EXISTS (
    SELECT 1 FROM revision AS newer INDEXED BY revision_by_transaction
    WHERE newer.transaction_id = revision.transaction_id AND newer.sequence > revision.sequence
        AND newer.state = 'waiting'
);

-- name: released_members
-- Those of a split batch that still have to go.
SELECT sequence FROM revision WHERE batch = ? AND state = 'waiting' ORDER BY sequence;

-- name: keep_batch
-- The outcome is open: note what happened; the same bytes go again.
UPDATE batch SET answer = ?, platform_failures = platform_failures + ? WHERE number = ? AND state = 'frozen';

-- name: note_members
-- What the last try ended in, for the manager.
UPDATE revision SET error = ?, said = ?, attempts = attempts + ? WHERE batch = ? AND state = 'frozen';
