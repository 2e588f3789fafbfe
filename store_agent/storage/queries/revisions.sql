-- name: page
-- Revisions after a sequence, oldest first, among the next ones (:scan at most) of a state, of the open ones or of all: those of a
-- terminal, taken within a time, of an amount, refused for a cause, with a text in their name or reason.
SELECT
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, attempts, batch, error,
    accepted_at, settled_at, size, call, follows
FROM revision
WHERE sequence IN (
    SELECT sequence FROM revision WHERE sequence > :edge AND :state IS NULL
    UNION ALL
    SELECT sequence FROM revision WHERE state = :state AND sequence > :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'waiting' AND :state = 'open' AND sequence > :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'frozen' AND :state = 'open' AND sequence > :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'held' AND :state = 'open' AND sequence > :edge
    ORDER BY sequence
    LIMIT :scan
)
    AND (:terminal IS NULL OR terminal = :terminal)
    AND (:taken_before IS NULL OR accepted_at <= :taken_before)
    AND (:taken_after IS NULL OR accepted_at >= :taken_after)
    AND (:amount_min IS NULL OR amount >= :amount_min)
    AND (:amount_max IS NULL OR amount <= :amount_max)
    AND (:cause IS NULL OR error = :cause)
    AND (
        :text IS NULL
        OR instr(lower(transaction_id), lower(:text)) > 0
        OR instr(lower(coalesce(error, '')), lower(:text)) > 0
    )
ORDER BY sequence
LIMIT :limit;

-- name: page_before
-- The same backwards: revisions before a sequence, newest first.
SELECT
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, attempts, batch, error,
    accepted_at, settled_at, size, call, follows
FROM revision
WHERE sequence IN (
    SELECT sequence FROM revision WHERE sequence < :edge AND :state IS NULL
    UNION ALL
    SELECT sequence FROM revision WHERE state = :state AND sequence < :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'waiting' AND :state = 'open' AND sequence < :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'frozen' AND :state = 'open' AND sequence < :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'held' AND :state = 'open' AND sequence < :edge
    ORDER BY sequence DESC
    LIMIT :scan
)
    AND (:terminal IS NULL OR terminal = :terminal)
    AND (:taken_before IS NULL OR accepted_at <= :taken_before)
    AND (:taken_after IS NULL OR accepted_at >= :taken_after)
    AND (:amount_min IS NULL OR amount >= :amount_min)
    AND (:amount_max IS NULL OR amount <= :amount_max)
    AND (:cause IS NULL OR error = :cause)
    AND (
        :text IS NULL
        OR instr(lower(transaction_id), lower(:text)) > 0
        OR instr(lower(coalesce(error, '')), lower(:text)) > 0
    )
ORDER BY sequence DESC
LIMIT :limit;

-- name: scanned
-- How far a page looks: the last sequence, and how many there were.
SELECT coalesce(max(sequence), :edge), count(*)
FROM (
    SELECT sequence FROM revision WHERE sequence > :edge AND :state IS NULL
    UNION ALL
    SELECT sequence FROM revision WHERE state = :state AND sequence > :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'waiting' AND :state = 'open' AND sequence > :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'frozen' AND :state = 'open' AND sequence > :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'held' AND :state = 'open' AND sequence > :edge
    ORDER BY sequence
    LIMIT :scan
);

-- name: scanned_before
-- How far a page looks backwards.
SELECT coalesce(min(sequence), :edge), count(*)
FROM (
    SELECT sequence FROM revision WHERE sequence < :edge AND :state IS NULL
    UNION ALL
    SELECT sequence FROM revision WHERE state = :state AND sequence < :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'waiting' AND :state = 'open' AND sequence < :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'frozen' AND :state = 'open' AND sequence < :edge
    UNION ALL
    SELECT sequence FROM revision WHERE state = 'held' AND :state = 'open' AND sequence < :edge
    ORDER BY sequence DESC
    LIMIT :scan
);

-- name: extent
-- How far the kept rows of a state reach, or all rows: first and last sequence, how many there are, and their amount.
SELECT
    iif(
        :state IS NULL,
        (SELECT min(sequence) FROM revision),
        (SELECT min(sequence) FROM revision WHERE state = :state)
    ),
    iif(
        :state IS NULL,
        (SELECT max(sequence) FROM revision),
        (SELECT max(sequence) FROM revision WHERE state = :state)
    ),
    sum(tally.revisions - coalesce(purged.revisions, 0)),
    sum(tally.amount - coalesce(purged.amount, 0))
FROM tally
LEFT JOIN purged USING (state)
WHERE state = :state OR (:state IS NULL AND state <> 'accepted');

-- name: newest_of
-- The newest revision of a transaction.
SELECT
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, attempts, batch, error,
    accepted_at, settled_at, size, call, follows
FROM revision INDEXED BY revision_by_transaction
WHERE transaction_id = ?
ORDER BY sequence DESC
LIMIT 1;

-- name: show
-- One revision with its payload and the request it went out in.
SELECT
    revision.sequence, transaction_id, terminal, revision.state, amount, opened_at, modified_at, closed, voided,
    attempts, batch, error, accepted_at, settled_at, size, call, follows, digest, forwarded, live, warnings, said, fields, burst,
    payload.body, batch.request_id
FROM revision
LEFT JOIN payload ON payload.sequence = revision.sequence
LEFT JOIN batch ON batch.number = revision.batch
WHERE revision.sequence = ?;
