-- name: look_around
-- The newest sequence ever given, which of some transactions (a JSON list) have revisions already, or only receipt
-- codes, since they were purged or did not come yet, and which of them have offers in use.
SELECT
    max(
        coalesce((SELECT max(sequence) FROM revision), 0),
        coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'sequences_given'), 0)
    ),
    (
        SELECT json_group_array(asked.value) FROM json_each(:transactions) AS asked
        WHERE EXISTS (SELECT 1 FROM revision WHERE transaction_id = asked.value)
            OR EXISTS (SELECT 1 FROM receipt_code WHERE transaction_id = asked.value)
    ),
    (
        SELECT json_group_array(asked.value) FROM json_each(:transactions) AS asked
        WHERE EXISTS (SELECT 1 FROM offer_use WHERE transaction_id = asked.value)
    );

-- name: newest_revision
-- The newest revision of a transaction; it carries the codes of the transaction but for those minted ahead since.
SELECT sequence, modified_at, live, codes, warnings
FROM revision
WHERE transaction_id = ?
ORDER BY sequence DESC
LIMIT 1;

-- name: same_revision
-- The same state of a transaction, taken before from the same terminal with the same container fields (G9).
SELECT sequence, modified_at, live, codes, warnings
FROM revision
WHERE transaction_id = ? AND digest = ? AND terminal = ? AND forwarded = ?
ORDER BY sequence
LIMIT 1;

-- name: insert_revision
-- Accept a revision; the trigger counts it.
INSERT INTO revision (
    sequence, transaction_id, terminal, digest, forwarded, alone, size, amount, opened_at, modified_at, closed, voided,
    live, codes, warnings, accepted_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_payload
-- Keep the text that will be sent.
INSERT INTO payload (sequence, body, seal) VALUES (?, ?, ?);

-- name: supersede
-- A newer revision carries the full state, so an unsent older one need not go (DESIGN, section 1).
UPDATE revision SET state = 'superseded', settled_at = ?
WHERE transaction_id = ? AND state = 'waiting' AND sequence < ?;
