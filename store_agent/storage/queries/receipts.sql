-- name: owner_of
-- The transaction that a code belongs to.
SELECT transaction_id FROM receipt_code WHERE code = ?;

-- name: insert_code
-- Keep a code; codes are unique over all transactions (G8), and the first owner keeps one that a POS uses twice.
INSERT INTO receipt_code (code, transaction_id, payment, minted, kept_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (code) DO NOTHING;

-- name: known
-- Those of some codes (a JSON list) that are known.
SELECT code, transaction_id, payment, minted FROM receipt_code WHERE code IN (SELECT value FROM json_each(?));

-- name: codes_of
-- The codes of a transaction, so many at most.
SELECT payment, code, minted FROM receipt_code INDEXED BY receipt_code_by_transaction WHERE transaction_id = ? LIMIT ?;
