-- name: schema
-- Everything the migrations made.
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY type, name;

-- name: frozen_requests
-- Requests that go out again as they are, and how many revisions each has.
SELECT
    request_id, endpoint, body, seal, members,
    (SELECT count(*) FROM revision WHERE batch = batch.number AND state = 'frozen')
FROM batch
WHERE state = 'frozen';

-- name: unsettled_sales
-- Everything that may still go out, with its text and seal.
SELECT
    revision.sequence, transaction_id, terminal, digest, forwarded, alone, amount, codes, call,
    follows, payload.body, payload.seal
FROM revision
LEFT JOIN payload ON payload.sequence = revision.sequence
WHERE state IN ('waiting', 'frozen', 'held', 'parked');

-- name: open_by_index
-- How many revisions of each state that is not final there are, by the index.
SELECT state, count(*) FROM revision INDEXED BY revision_by_state
WHERE state IN ('waiting', 'frozen', 'held', 'parked') GROUP BY state;

-- name: books_by_rows
-- How many revisions there are of each state, and their amount.
SELECT state, count(*), coalesce(sum(amount), 0) FROM revision NOT INDEXED GROUP BY state;

-- name: books_by_tally
-- The same by the tallies, less what was purged.
SELECT
    tally.state, tally.revisions - coalesce(purged.revisions, 0), tally.amount - coalesce(purged.amount, 0)
FROM tally
LEFT JOIN purged ON purged.state = tally.state
WHERE tally.state <> 'accepted';

-- name: unbalanced
-- What was accepted, and the sum of all states, where they differ.
SELECT accepted.revisions, states.revisions
FROM (SELECT revisions, amount FROM tally WHERE state = 'accepted') AS accepted
JOIN (
    SELECT sum(revisions) AS revisions, sum(amount) AS amount FROM tally WHERE state <> 'accepted'
) AS states
WHERE accepted.revisions <> states.revisions OR accepted.amount <> states.amount;

-- name: codes_of_unsettled
-- Receipt codes that stand in unsettled sales but belong to nobody.
SELECT sequence
FROM revision, json_each(revision.codes) AS code
WHERE state IN ('waiting', 'frozen', 'held', 'parked')
    AND NOT EXISTS (SELECT 1 FROM receipt_code WHERE receipt_code.code = code.value ->> 1)
LIMIT 1;
