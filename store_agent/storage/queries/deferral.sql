-- name: next_sequence
-- The next sequence; none is ever given twice.
SELECT 1 + max(
    coalesce((SELECT max(sequence) FROM revision), 0),
    coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'sequences_given'), 0)
);

-- name: same_open
-- The same call of the same terminal for the same transaction, where that is known, still on its way. One of the agent's
-- own that is being sent may be too early for what is to be taken back now; a second one does no harm.
SELECT sequence FROM revision
WHERE transaction_id = ? AND digest = ? AND terminal = ? AND forwarded = ? AND coalesce(?, follows) IS follows
    AND state IN ('waiting', 'frozen', 'held') AND (state <> 'frozen' OR terminal <> '(agent)')
ORDER BY sequence
LIMIT 1;

-- name: insert_call
-- Accept a call; the trigger counts it.
INSERT INTO revision (
    sequence, transaction_id, terminal, digest, forwarded, alone, size, closed, voided, live, accepted_at, call, follows
)
VALUES (?, ?, ?, ?, ?, 1, ?, 0, 0, 0, ?, ?, ?);

-- name: insert_payload
-- Keep the text that will be sent.
INSERT INTO payload (sequence, body, seal) VALUES (?, ?, ?);

-- name: in_flight
-- Whether something goes before a call: of its kind, or of the transaction that it follows.
SELECT EXISTS (
    SELECT 1 FROM revision
    WHERE transaction_id IN (:key, :follows) AND state IN ('waiting', 'frozen', 'held')
) OR EXISTS (
    SELECT 1 FROM revision INDEXED BY revision_follows
    WHERE follows = :follows AND state IN ('waiting', 'frozen', 'held')
);

-- name: insert_batch
-- The request under which a call was tried already (G3).
INSERT INTO batch (request_id, endpoint, body, members, frozen_at, seal) VALUES (?, ?, ?, 1, ?, ?);

-- name: freeze
-- It goes out again as it was tried.
UPDATE revision SET state = 'frozen', batch = ?, attempts = 1, error = ? WHERE sequence = ? AND state = 'waiting';
