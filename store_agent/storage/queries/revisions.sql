-- name: page
-- Revisions after a sequence, oldest first, among the next ones (:scan at most) of a state or of all: those of a
-- terminal, taken within a time, with a text in their name or reason.
SELECT
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, attempts, batch, error,
    accepted_at, settled_at, size, call, follows
FROM revision
WHERE sequence IN (
    SELECT sequence FROM revision WHERE sequence > :after AND :state IS NULL
    UNION ALL
    SELECT sequence FROM revision WHERE state = :state AND sequence > :after
    ORDER BY sequence
    LIMIT :scan
)
    AND (:terminal IS NULL OR terminal = :terminal)
    AND (:taken_before IS NULL OR accepted_at <= :taken_before)
    AND (:taken_after IS NULL OR accepted_at >= :taken_after)
    AND (
        :text IS NULL
        OR instr(lower(transaction_id), lower(:text)) > 0
        OR instr(lower(coalesce(error, '')), lower(:text)) > 0
    )
ORDER BY sequence
LIMIT :limit;

-- name: scanned
-- How far a page looks: the last sequence, and how many there were.
SELECT coalesce(max(sequence), :after), count(*)
FROM (
    SELECT sequence FROM revision WHERE sequence > :after AND :state IS NULL
    UNION ALL
    SELECT sequence FROM revision WHERE state = :state AND sequence > :after
    ORDER BY sequence
    LIMIT :scan
);

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
