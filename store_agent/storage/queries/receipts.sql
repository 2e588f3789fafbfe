-- name: owner_of
-- The transaction that a code belongs to.
SELECT transaction_id FROM receipt_code WHERE code = ?;

-- name: insert_code
-- Keep a code; codes are unique over all transactions (G8), and the first owner keeps one that a POS uses twice.
INSERT INTO receipt_code (code, transaction_id, payment, minted, kept_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (code) DO NOTHING;
