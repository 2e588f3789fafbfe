-- name: written_codes
-- What the newest revision of a transaction says of its codes.
SELECT codes FROM revision INDEXED BY revision_by_transaction WHERE transaction_id = ? ORDER BY sequence DESC LIMIT 1;

-- name: newest_sale
-- The newest state of a sale: its text, if that is kept, and what goes with it.
SELECT body, forwarded
FROM revision INDEXED BY revision_by_transaction
LEFT JOIN payload ON payload.sequence = revision.sequence
WHERE transaction_id = ? AND call IS NULL
ORDER BY revision.sequence DESC
LIMIT 1;

-- name: kept_codes
-- The codes of a transaction that no revision of it carries: those minted ahead, and all where there is no revision (G8).
SELECT payment, code, minted FROM receipt_code INDEXED BY receipt_code_by_transaction
WHERE transaction_id = :transaction_id
    AND (ahead IS NOT NULL OR NOT EXISTS (SELECT 1 FROM revision WHERE transaction_id = :transaction_id));

-- name: insert_code
-- Keep a code; codes are unique over all transactions (G8), and the first owner keeps one that a POS uses twice.
INSERT INTO receipt_code (code, transaction_id, payment, minted, kept_at, ahead, orphaned)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (code) DO NOTHING;

-- name: take_over_code
-- A code that was printed ahead for a transaction that no state of came goes to the sale that brings it.
UPDATE receipt_code SET transaction_id = :transaction_id, payment = :payment, ahead = NULL, orphaned = NULL
WHERE code = :code AND ahead IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM revision WHERE revision.transaction_id = receipt_code.transaction_id);

-- name: use_codes
-- A sale came with some codes (a JSON list) that were kept before: they wait no more, and somebody may need them.
UPDATE receipt_code SET ahead = NULL, orphaned = NULL, retired_at = NULL
WHERE code IN (SELECT value FROM json_each(:codes)) AND transaction_id = :transaction_id
    AND (ahead IS NOT NULL OR orphaned IS NOT NULL OR retired_at IS NOT NULL);

-- name: retire_codes
-- The guest of some codes (a JSON list) is known.
UPDATE receipt_code SET retired_at = :now
WHERE code IN (SELECT value FROM json_each(:codes)) AND transaction_id = :transaction_id AND retired_at IS NULL;

-- name: retired_among
-- Those of some codes (a JSON list) that nobody needs any more.
SELECT code FROM receipt_code WHERE code IN (SELECT value FROM json_each(?)) AND retired_at IS NOT NULL;

-- name: too_many_ahead
-- Whether a terminal has so many codes that wait for their sale.
SELECT EXISTS (SELECT 1 FROM receipt_code INDEXED BY receipt_code_ahead WHERE ahead = ? LIMIT 1 OFFSET ?);

-- name: lived
-- How long the agent ran in all, in seconds.
SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'lived_seconds';
