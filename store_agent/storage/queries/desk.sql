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
WHERE substr(lower(replace(replace(code, '-', ''), ' ', '')), -4) = ?
ORDER BY kept_at DESC
LIMIT ?;

-- name: transactions_ending
-- Receipts whose transaction has some last letters, so many at most, newest first.
SELECT code, transaction_id, payment, minted, ahead, retired_at, kept_at
FROM receipt_code INDEXED BY receipt_code_by_transaction_end
WHERE substr(lower(replace(replace(transaction_id, '-', ''), ' ', '')), -4) = ?
ORDER BY kept_at DESC
LIMIT ?;

-- name: of_amount
-- The transactions of an amount that were taken within a time, newest first; one for each of its states, so many at most.
SELECT transaction_id
FROM revision INDEXED BY revision_by_amount
WHERE amount = :amount AND accepted_at BETWEEN :earliest AND :latest AND call IS NULL
ORDER BY accepted_at DESC
LIMIT :limit;
