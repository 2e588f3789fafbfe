-- name: look_around
-- The newest sequence ever given, which of some transactions (a JSON list) have revisions already, or had some that were
-- purged since and left their receipt codes, and which of them have offers in use.
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
-- The newest revision of a transaction; it carries all codes of the transaction so far.
SELECT sequence, modified_at, live, codes, warnings
FROM revision
WHERE transaction_id = ?
ORDER BY sequence DESC
LIMIT 1;

-- name: codes_left
-- The codes of a transaction whose revisions were purged, in the form of a revision (G8).
SELECT 0, NULL, 0, json_group_array(json_array(payment, code, minted, 0)), NULL
FROM receipt_code
WHERE transaction_id = ?;

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
