-- name: waiting_candidates
-- The oldest revisions that may go now: none whose transaction has one in flight or held (G4).
SELECT sequence, size, forwarded, alone
FROM revision AS candidate
WHERE state = 'waiting'
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other
        WHERE other.transaction_id = candidate.transaction_id AND other.state = 'frozen'
    )
    AND NOT EXISTS (
        SELECT 1 FROM revision AS other
        WHERE other.transaction_id = candidate.transaction_id AND other.state = 'held'
    )
ORDER BY sequence
LIMIT ?;

-- name: payload_of
-- The text of one revision.
SELECT body FROM payload WHERE sequence = ?;

-- name: forwarded_of
-- The container fields that go with a revision.
SELECT forwarded FROM revision WHERE sequence = ?;

-- name: insert_batch
-- Freeze a request (G3).
INSERT INTO batch (request_id, endpoint, body, members, frozen_at) VALUES (?, ?, ?, ?, ?);

-- name: freeze
-- Put a waiting revision into a batch.
UPDATE revision SET state = 'frozen', batch = ? WHERE sequence = ? AND state = 'waiting';

-- name: frozen_batches
-- The requests without a definite answer, oldest first.
SELECT number, request_id, endpoint, body, platform_failures FROM batch WHERE state = 'frozen' ORDER BY number;

-- name: is_frozen
-- Whether a request still waits for its definite answer.
SELECT 1 FROM batch WHERE number = ? AND state = 'frozen';

-- name: frozen_members
-- The members of a frozen batch, in order.
SELECT sequence FROM revision WHERE batch = ? AND state = 'frozen' ORDER BY sequence;

-- name: end_batch
-- A definite answer ends a batch and frees its bytes.
UPDATE batch SET state = ?, body = NULL, answered_at = ?, answer = ? WHERE number = ? AND state = 'frozen';

-- name: deliver_members
-- The platform has them.
UPDATE revision SET state = 'delivered', settled_at = ?, attempts = attempts + 1, error = NULL, said = NULL
WHERE batch = ? AND state = 'frozen';

-- name: park_members
-- The platform refuses them as records; a person has to look.
UPDATE revision SET state = 'parked', settled_at = ?, attempts = attempts + 1, error = ?, said = ? WHERE batch = ? AND state = 'frozen';

-- name: release_members
-- Back to waiting, to be frozen again in smaller requests.
UPDATE revision SET state = 'waiting', attempts = attempts + 1, error = ?, said = ? WHERE batch = ? AND state = 'frozen';

-- name: supersede_overtaken
-- A released revision that a newer one of its transaction has overtaken need not go out any more.
UPDATE revision SET state = 'superseded', settled_at = ?
WHERE sequence IN (
    SELECT released.sequence FROM revision AS released
    JOIN revision AS newer
        ON newer.transaction_id = released.transaction_id AND newer.sequence > released.sequence
    WHERE released.batch = ? AND released.state = 'waiting' AND newer.state = 'waiting'
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

-- name: tallies
-- Counts and amounts by state.
SELECT state, revisions, amount FROM tally;

-- name: oldest_of
-- When the oldest revision of a state was accepted.
SELECT accepted_at FROM revision WHERE state = ? ORDER BY sequence LIMIT 1;

-- name: page
-- Revisions after a sequence, oldest first.
SELECT
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, attempts, batch, error,
    accepted_at, settled_at, size
FROM revision
WHERE sequence > ?
ORDER BY sequence
LIMIT ?;

-- name: page_of_state
-- Revisions of one state after a sequence, oldest first.
SELECT
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, attempts, batch, error,
    accepted_at, settled_at, size
FROM revision
WHERE state = ? AND sequence > ?
ORDER BY sequence
LIMIT ?;

-- name: show
-- One revision with its payload and the request it went out in.
SELECT
    revision.sequence, transaction_id, terminal, revision.state, amount, opened_at, modified_at, closed, voided,
    attempts, batch, error, accepted_at, settled_at, size, digest, forwarded, live, warnings, said, payload.body,
    batch.request_id
FROM revision
JOIN payload ON payload.sequence = revision.sequence
LEFT JOIN batch ON batch.number = revision.batch
WHERE revision.sequence = ?;
