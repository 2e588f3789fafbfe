-- name: attach
-- The database that was in use until now, with its key; an empty one is none.
ATTACH ? AS present KEY ?;

-- name: detach
DETACH present;

-- name: same
-- Revisions that both databases have.
CREATE TEMP TABLE same (sequence INTEGER NOT NULL PRIMARY KEY);

-- name: find_same
-- They have the same number and the same text.
INSERT INTO temp.same
SELECT kept.sequence
FROM main.revision AS kept
JOIN present.revision AS known USING (sequence)
WHERE kept.digest = known.digest AND kept.transaction_id = known.transaction_id;

-- name: continues
-- Whether the present database went on from where the backup ends: it has the backup's newest revision.
SELECT NOT EXISTS (SELECT 1 FROM main.revision)
    OR (SELECT max(sequence) FROM main.revision) IN (SELECT sequence FROM temp.same);

-- name: hold
-- Of what waits in the backup and is not in the present database, nobody knows whether it was delivered since. That
-- goes also for a frozen one whose transaction is in flight by another request.
UPDATE main.revision SET state = 'held', error = :words
WHERE sequence NOT IN (SELECT sequence FROM temp.same)
    AND (
        state = 'waiting'
        OR (state = 'frozen' AND transaction_id IN (SELECT transaction_id FROM present.revision WHERE state = 'frozen'))
    );

-- name: keep_parked
-- Nor does it go out by itself when the configuration is mended.
UPDATE main.revision SET burst = 0
WHERE state = 'parked' AND burst = 1 AND sequence NOT IN (SELECT sequence FROM temp.same);

-- name: batch_moved
-- The numbers that requests of the present database get.
CREATE TEMP TABLE batch_moved (old INTEGER NOT NULL PRIMARY KEY, new INTEGER NOT NULL UNIQUE);

-- name: move_batches
-- A number stays if it is free or stands for the same request.
INSERT INTO temp.batch_moved
SELECT
    known.number,
    CASE
        WHEN kept.number IS NULL OR kept.request_id = known.request_id THEN known.number
        ELSE known.number + max(
            (SELECT coalesce(max(number), 0) FROM main.batch), (SELECT coalesce(max(number), 0) FROM present.batch)
        )
    END
FROM present.batch AS known
LEFT JOIN main.batch AS kept USING (number);

-- name: answer_batches
-- A request that was answered since.
UPDATE main.batch SET
    state = known.state, body = NULL, answered_at = known.answered_at, answer = known.answer,
    platform_failures = known.platform_failures
FROM present.batch AS known
WHERE known.number = batch.number AND known.request_id = batch.request_id
    AND batch.state = 'frozen' AND known.state <> 'frozen';

-- name: carry_batches
-- Requests that only the present database has.
INSERT INTO main.batch (
    number, request_id, endpoint, body, state, members, platform_failures, frozen_at, answered_at, answer, seal
)
SELECT
    new, request_id, endpoint, body, state, members, platform_failures, frozen_at, answered_at, answer, seal
FROM present.batch
JOIN temp.batch_moved ON old = number
WHERE new NOT IN (SELECT number FROM main.batch);

-- name: take_later_states
-- Of a revision that both have, the later state wins: settled before open, then the one that was tried more often. One
-- that is frozen only in the backup stays so: its request may have been sent. Else the present database is the later.
UPDATE main.revision SET
    state = known.state, attempts = known.attempts, batch = moved.new, error = known.error, said = known.said,
    settled_at = known.settled_at, refusals = known.refusals, fields = known.fields, burst = known.burst
FROM present.revision AS known
LEFT JOIN temp.batch_moved AS moved ON moved.old = known.batch
WHERE known.sequence = revision.sequence
    AND revision.sequence IN (SELECT sequence FROM temp.same)
    AND CASE
        WHEN revision.state = 'delivered' THEN 0
        WHEN known.state IN ('delivered', 'superseded', 'discarded') THEN 1
        WHEN revision.state IN ('superseded', 'discarded') THEN 0
        WHEN known.attempts <> revision.attempts THEN known.attempts > revision.attempts
        ELSE NOT (revision.state = 'frozen' AND known.state = 'waiting')
    END;

-- name: carried
-- The sequences that revisions of the present database get.
CREATE TEMP TABLE carried (old INTEGER NOT NULL PRIMARY KEY, new INTEGER NOT NULL UNIQUE);

-- name: carry
-- They keep their sequence if the present database continues the backup, else they come after it, in their order.
INSERT INTO temp.carried
SELECT
    known.sequence,
    CASE
        WHEN :continues AND known.sequence NOT IN (SELECT sequence FROM main.revision) THEN known.sequence
        ELSE known.sequence + max(
            (SELECT coalesce(max(sequence), 0) FROM main.revision),
            :continues * (SELECT coalesce(max(sequence), 0) FROM present.revision)
        )
    END
FROM present.revision AS known
WHERE known.sequence NOT IN (SELECT sequence FROM temp.same);

-- name: carry_revisions
-- Revisions that only the present database has.
INSERT INTO main.revision (
    sequence, transaction_id, terminal, digest, forwarded, alone, size, amount, opened_at, modified_at, closed, voided,
    live, codes, warnings, accepted_at, state, attempts, batch, error, said, settled_at, refusals, fields, burst, call,
    follows
)
SELECT
    carried.new, transaction_id, terminal, digest, forwarded, alone, size, amount, opened_at, modified_at, closed,
    voided, live, codes, warnings, accepted_at, state, attempts, moved.new, error, said, settled_at, refusals, fields,
    burst, call, follows
FROM present.revision AS known
JOIN temp.carried ON carried.old = known.sequence
LEFT JOIN temp.batch_moved AS moved ON moved.old = known.batch;

-- name: carry_payloads
-- Their texts.
INSERT INTO main.payload (sequence, body, seal)
SELECT new, body, seal FROM present.payload JOIN temp.carried ON old = sequence;

-- name: forget_attempts
-- Where the present database knows of tries, they have gone on since.
DELETE FROM main.attempt
WHERE sequence IN (SELECT sequence FROM temp.same) AND sequence IN (SELECT sequence FROM present.attempt);

-- name: carry_attempts
-- What tries came to since; each revision of the present database is carried or the same.
INSERT INTO main.attempt (sequence, number, first_at, last_at, times, words, said)
SELECT coalesce(new, sequence), number, first_at, last_at, times, words, said
FROM present.attempt
LEFT JOIN temp.carried ON old = sequence;

-- name: renumbered
-- Those whose sequence has changed, as they were, with their text.
SELECT
    carried.new, known.sequence, transaction_id, terminal, digest, forwarded, alone, amount, codes, call, follows,
    body, seal
FROM temp.carried
JOIN present.revision AS known ON known.sequence = carried.old
JOIN present.payload ON payload.sequence = carried.old
WHERE carried.new <> carried.old;

-- name: seal_anew
-- The seal covers the sequence.
UPDATE main.payload SET seal = ? WHERE sequence = ?;

-- name: supersede_overtaken
-- What would be held need not go any more if a newer state of the same sale is on its way or arrived (G4).
UPDATE main.revision SET state = 'superseded', settled_at = :at, error = NULL
WHERE state = 'held' AND error = :words AND call IS NULL AND EXISTS (
    SELECT 1 FROM main.revision AS newer
    WHERE newer.transaction_id = revision.transaction_id AND newer.sequence > revision.sequence
        AND newer.state IN ('waiting', 'frozen', 'delivered')
);

-- name: hold_without_request
-- A frozen revision whose request has been answered without it.
UPDATE main.revision SET state = 'held', error = :words
WHERE state = 'frozen' AND batch IN (SELECT number FROM main.batch WHERE state <> 'frozen');

-- name: end_empty_batches
-- A request that carries nothing any more is not sent.
UPDATE main.batch SET state = 'split', body = NULL, answered_at = :at, answer = :words
WHERE state = 'frozen'
    AND NOT EXISTS (SELECT 1 FROM main.revision WHERE revision.batch = batch.number AND revision.state = 'frozen');

-- name: carry_codes
-- Receipt codes that were given since, and what became since of those of before: a sale came with them, of the transaction
-- that they were printed for or of another one, or its guest is known.
INSERT INTO main.receipt_code (code, transaction_id, payment, minted, kept_at, orphaned, ahead, retired_at)
SELECT code, transaction_id, payment, minted, kept_at, orphaned, ahead, retired_at FROM present.receipt_code WHERE true
ON CONFLICT (code) DO UPDATE SET
    transaction_id = iif(receipt_code.ahead IS NULL, receipt_code.transaction_id, excluded.transaction_id),
    payment = iif(receipt_code.ahead IS NULL, receipt_code.payment, excluded.payment),
    ahead = iif(receipt_code.ahead IS NULL, NULL, excluded.ahead), retired_at = excluded.retired_at;

-- name: carry_terminals
-- Terminals as they are now: let in, and shut out.
INSERT INTO main.terminal (name, token_hash, added_at, revoked_at, seen_at, role, former_hash, former_seconds)
SELECT name, token_hash, added_at, revoked_at, seen_at, role, former_hash, former_seconds
FROM present.terminal WHERE true
ON CONFLICT (name) DO UPDATE SET
    token_hash = excluded.token_hash, added_at = excluded.added_at, revoked_at = excluded.revoked_at,
    seen_at = excluded.seen_at, role = excluded.role, former_hash = excluded.former_hash,
    former_seconds = excluded.former_seconds;

-- name: audit_continues
-- Whether the present audit is that of the backup, gone on with, and speaks of the same sequences.
SELECT
    NOT EXISTS (
        SELECT 1 FROM main.audit AS kept
        LEFT JOIN present.audit AS known ON known.number = kept.number
        WHERE known.hash IS NOT kept.hash
    )
    AND NOT EXISTS (
        SELECT 1 FROM present.audit AS known JOIN temp.carried ON carried.old = known.sequence
        WHERE carried.new <> carried.old AND known.number > (SELECT coalesce(max(number), 0) FROM main.audit)
    );

-- name: continue_audit
-- What was done since, to the letter: the chain goes on.
INSERT INTO main.audit (number, at, who, action, sequence, reason, previous, hash, lived)
SELECT number, at, who, action, sequence, reason, previous, hash, lived FROM present.audit
WHERE number > (SELECT coalesce(max(number), 0) FROM main.audit)
ORDER BY number;

-- name: give_no_entry_twice
-- So that entries which were deleted past the program are missing as before.
UPDATE main.sqlite_sequence SET seq = max(
    seq, (SELECT coalesce(max(known.seq), 0) FROM present.sqlite_sequence AS known WHERE known.name = 'audit')
)
WHERE name = 'audit';

-- name: carry_audit
-- What was done since, to be chained behind what the backup has.
INSERT INTO main.audit (at, who, action, sequence, reason)
SELECT at, who, action, coalesce(carried.new, known.sequence), reason
FROM present.audit AS known
LEFT JOIN temp.carried ON carried.old = known.sequence
WHERE NOT EXISTS (
    SELECT 1 FROM main.audit AS kept
    WHERE kept.number = known.number AND kept.at = known.at AND kept.who = known.who AND kept.action = known.action
)
ORDER BY known.number;

-- name: carry_days
-- Days that were closed since. They stand in the books of the database that continues this one, and in no other.
INSERT INTO main.business_day (number, closed_at, closed_by, reason, tallies)
SELECT number, closed_at, closed_by, reason, tallies FROM present.business_day
WHERE :continues AND number > (SELECT coalesce(max(number), 0) FROM main.business_day);

-- name: carry_offer_uses
-- Offers are in use as the present database says, which is the later one.
INSERT INTO main.offer_use (
    transaction_id, terminal, employee, action, code, digest, request_id, state, offline, reached, offer, guest,
    answer, day, carried, carried_last, sequence, consumed, age, asked_at
)
SELECT
    transaction_id, terminal, employee, action, code, digest, request_id, state, offline, reached, offer, guest,
    answer, day, coalesce(first.new, known.carried),
    coalesce(last.new, known.carried_last), coalesce(closing.new, known.sequence), consumed, age, asked_at
FROM present.offer_use AS known
LEFT JOIN temp.carried AS first ON first.old = known.carried
LEFT JOIN temp.carried AS last ON last.old = known.carried_last
LEFT JOIN temp.carried AS closing ON closing.old = known.sequence
ORDER BY known.number;

-- name: forget_offer_uses
-- Uses that the present database has too have gone on since.
DELETE FROM main.offer_use WHERE request_id IN (SELECT request_id FROM present.offer_use);

-- name: forget_prints
-- What waited to be printed when the backup was made was printed since, or given up.
DELETE FROM main.print_job;

-- name: carry_prints
-- What is to be printed, and what was.
INSERT INTO main.print_job (
    number, printer, about, content, state, attempts, doubts, told, error, age, created_at, settled_at, settled_lived
)
SELECT number, printer, about, content, state, attempts, doubts, told, error, age, created_at, settled_at, settled_lived
FROM present.print_job;

-- name: acknowledge_incidents
-- What somebody took notice of since.
UPDATE main.incident
SET acknowledged_at = known.acknowledged_at, acknowledged_by = known.acknowledged_by, reason = known.reason
FROM present.incident AS known
WHERE known.at = incident.at AND known.words = incident.words
    AND incident.acknowledged_at IS NULL AND known.acknowledged_at IS NOT NULL;

-- name: carry_incidents
-- Damage that was found since.
INSERT INTO main.incident (at, words, details, acknowledged_at, acknowledged_by, reason)
SELECT at, words, details, acknowledged_at, acknowledged_by, reason FROM present.incident AS known
WHERE NOT EXISTS (SELECT 1 FROM main.incident AS kept WHERE kept.at = known.at AND kept.words = known.words)
ORDER BY known.number;

-- name: purge_as_known
-- What was purged since, but for what the backup brings back.
UPDATE main.purged SET revisions = later.revisions, amount = later.amount
FROM (
    SELECT
        known.state,
        known.revisions - coalesce(count(back.sequence), 0) AS revisions,
        known.amount - coalesce(sum(back.amount), 0) AS amount
    FROM present.purged AS known
    LEFT JOIN main.revision AS back
        ON back.state = known.state
            AND back.sequence NOT IN (SELECT sequence FROM temp.same)
            AND back.sequence NOT IN (SELECT new FROM temp.carried)
    GROUP BY known.state
) AS later
WHERE later.state = purged.state AND later.revisions > purged.revisions;

-- name: give_no_sequence_twice
-- Neither database's sequences are given again.
UPDATE main.meta SET value = CAST(max(
    CAST(value AS INTEGER),
    (SELECT CAST(known.value AS INTEGER) FROM present.meta AS known WHERE known.key = meta.key),
    (SELECT coalesce(max(sequence), 0) FROM main.revision)
) AS TEXT)
WHERE key = 'sequences_given';

-- name: outcome
-- What the restored database holds of either side.
SELECT
    (SELECT count(*) FROM temp.carried),
    (SELECT count(*) FROM main.revision WHERE state = 'held' AND error = :words),
    (
        SELECT count(*) FROM main.revision
        WHERE state = 'frozen'
            AND sequence NOT IN (SELECT sequence FROM temp.same) AND sequence NOT IN (SELECT new FROM temp.carried)
    ),
    (SELECT coalesce(max(sequence), 0) FROM main.revision);
