-- name: receipts_of
-- The receipts of a transaction, so many at most.
SELECT code, transaction_id, payment, minted, ahead, retired_at, kept_at
FROM receipt_code INDEXED BY receipt_code_by_transaction
WHERE transaction_id = ?
LIMIT ?;

-- name: codes_ending
-- Receipts whose code has some last letters, so many at most, newest first.
SELECT code, transaction_id, payment, minted, ahead, retired_at, kept_at
FROM receipt_code INDEXED BY receipt_code_by_end
WHERE substr(lower(replace(code, '-', '')), -4) = ?
ORDER BY kept_at DESC
LIMIT ?;

-- name: transactions_ending
-- Receipts whose transaction has some last letters, so many at most, newest first.
SELECT code, transaction_id, payment, minted, ahead, retired_at, kept_at
FROM receipt_code INDEXED BY receipt_code_by_transaction_end
WHERE substr(lower(replace(transaction_id, '-', '')), -4) = ?
ORDER BY kept_at DESC
LIMIT ?;

-- name: reach
-- The first and the last sequence there is.
SELECT (SELECT min(sequence) FROM revision), (SELECT max(sequence) FROM revision);

-- name: taken_by
-- When the last revision up to a sequence was taken.
SELECT accepted_at FROM revision WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1;

-- name: of_amount
-- The transactions of an amount that were taken within a time, among the revisions before a sequence (:scan at most),
-- newest first.
SELECT transaction_id
FROM (
    SELECT transaction_id, amount, accepted_at, call FROM revision
    WHERE sequence <= :last AND sequence > :before
    ORDER BY sequence DESC
    LIMIT :scan
)
WHERE amount = :amount AND accepted_at BETWEEN :earliest AND :latest AND call IS NULL;
