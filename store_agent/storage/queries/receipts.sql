-- name: owner_of
-- The transaction that a code belongs to.
SELECT transaction_id FROM receipt_code WHERE code = ?;

-- name: known
-- Those of some codes (a JSON list) that are known.
SELECT code, transaction_id, payment, minted, ahead, retired_at, kept_at FROM receipt_code
WHERE code IN (SELECT value FROM json_each(?));

-- name: codes_of
-- The codes of a transaction that somebody may need, so many at most.
SELECT payment, code, minted FROM receipt_code INDEXED BY receipt_code_by_transaction
WHERE transaction_id = ? AND retired_at IS NULL
LIMIT ?;
