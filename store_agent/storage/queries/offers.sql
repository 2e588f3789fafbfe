-- name: same_use
-- The last time the same terminal asked the same, unless that was refused or taken back since.
SELECT number, request_id, answer
FROM offer_use
WHERE transaction_id = ? AND terminal = ? AND action = ? AND digest = ? AND state IN ('asked', 'applied', 'used')
ORDER BY number DESC
LIMIT 1;

-- name: ask
-- Note what is asked for, before it is sent (G3).
INSERT INTO offer_use (transaction_id, terminal, employee, action, code, digest, request_id, asked_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: apply
-- The platform did it, or it is allowed offline.
UPDATE offer_use SET state = 'applied', offline = ?, reached = ?, offer = ?, guest = ?, answer = ?, day = ?
WHERE number = ? AND state = 'asked';

-- name: asked_for
-- What a use was asked for.
SELECT transaction_id, code FROM offer_use WHERE number = ?;

-- name: replace
-- A later use for the same transaction takes the place of earlier ones.
UPDATE offer_use SET state = 'released'
WHERE transaction_id = ? AND number < ? AND state IN ('asked', 'applied') AND coalesce(offer, code) IN (?, ?);

-- name: refuse
-- The platform does not do it.
UPDATE offer_use SET state = 'refused' WHERE number = ? AND state = 'asked';

-- name: use
-- A closed sale carries it.
UPDATE offer_use SET state = 'used', sequence = ? WHERE number = ? AND state IN ('asked', 'applied');

-- name: release
-- It was given back.
UPDATE offer_use SET state = 'released' WHERE number = ? AND state IN ('asked', 'applied', 'used');

-- name: uses_of_transaction
-- What a transaction uses or used, and whether the platform may have a closed revision with it.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer,
    EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id AND revision.sequence >= offer_use.sequence
            AND closed = 1 AND revision.state IN ('frozen', 'delivered')
    )
FROM offer_use
WHERE transaction_id = ? AND state IN ('asked', 'applied', 'used')
ORDER BY number;

-- name: uses_of_offer
-- What uses an offer, or did, the last first.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer,
    EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id AND revision.sequence >= offer_use.sequence
            AND closed = 1 AND revision.state IN ('frozen', 'delivered')
    )
FROM offer_use
WHERE state <> 'refused'
    AND (
        number IN (SELECT number FROM offer_use INDEXED BY offer_use_by_offer WHERE offer = :offer)
        OR number IN (SELECT number FROM offer_use WHERE state IN ('asked', 'applied') AND age >= 0 AND code = :offer)
    )
ORDER BY number DESC;

-- name: open_before
-- Whether something of a transaction is still on its way to the platform.
SELECT EXISTS (
    SELECT 1 FROM revision INDEXED BY revision_by_transaction
    WHERE transaction_id = :transaction_id AND state IN ('waiting', 'frozen', 'held')
) OR EXISTS (
    SELECT 1 FROM revision INDEXED BY revision_follows
    WHERE follows = :transaction_id AND state IN ('waiting', 'frozen', 'held')
);

-- name: taken_offline
-- How often an offer was allowed offline, and how many offers on a day: of a guest, and of the store.
SELECT
    (SELECT count(*) FROM offer_use INDEXED BY offer_use_by_offer
        WHERE offer = :offer AND offline = 1 AND state <> 'released'),
    (SELECT count(*) FROM offer_use INDEXED BY offer_use_offline
        WHERE offline = 1 AND day = :day AND guest = :guest AND state <> 'released'),
    (SELECT count(*) FROM offer_use INDEXED BY offer_use_offline
        WHERE offline = 1 AND day = :day AND state <> 'released');

-- name: grow_older
-- The agent ran for longer.
UPDATE offer_use SET age = age + ? WHERE state IN ('asked', 'applied');

-- name: forgotten
-- Uses that are open for so long, and whose transaction is not closed.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, 0
FROM offer_use INDEXED BY offer_use_open
WHERE state IN ('asked', 'applied') AND age >= ?
    AND NOT EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id AND closed = 1
            AND revision.state IN ('waiting', 'frozen', 'held')
    )
ORDER BY number
LIMIT ?;

-- name: purge
-- Forget old uses that came to their end and whose transaction is gone; so many of the last stay.
DELETE FROM offer_use WHERE number IN (
    SELECT number FROM offer_use
    WHERE state IN ('refused', 'used', 'released')
        AND number <= (SELECT max(number) FROM offer_use) - ?
        AND NOT EXISTS (SELECT 1 FROM revision WHERE revision.transaction_id = offer_use.transaction_id)
    ORDER BY number
    LIMIT ?
);
