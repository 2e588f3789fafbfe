-- name: same_use
-- The last time the same terminal asked the same, unless that was refused or taken back since.
SELECT number, request_id, answer
FROM offer_use
WHERE transaction_id = ? AND terminal = ? AND action = ? AND digest = ? AND state IN ('asked', 'applied', 'used')
ORDER BY number DESC
LIMIT 1;

-- name: ask
-- Note what is asked for, before it is sent (G3); `offer` is known if it is asked for by its id.
INSERT INTO offer_use (transaction_id, terminal, employee, action, code, digest, request_id, offer, asked_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: apply
-- The platform did it, or it is allowed offline.
UPDATE offer_use SET state = 'applied', offline = ?, reached = ?, offer = ?, guest = ?, answer = ?, day = ?
WHERE number = ? AND state IN ('asked', 'refused');

-- name: asked_for
-- What a use was asked for, where it is, and whether it was answered before.
SELECT transaction_id, code, action, employee, state, answer IS NOT NULL FROM offer_use WHERE number = ?;

-- name: held
-- Whether another use has the offer now. The platform gave it to a later one, so that an earlier one is over; and while
-- another sale has it, one that was only asked for got nothing.
SELECT EXISTS (
    SELECT 1 FROM offer_use INDEXED BY offer_use_by_offer
    WHERE offer = :offer AND offline = 0 AND state IN ('applied', 'used')
        AND (number > :number OR (:asked AND consumed = 0 AND transaction_id <> :transaction_id))
);

-- name: asked_later
-- Whether a later use has the offer, or may have it.
SELECT EXISTS (
    SELECT 1 FROM offer_use INDEXED BY offer_use_by_offer
    WHERE offer = ? AND number > ? AND state IN ('asked', 'applied', 'used')
);

-- name: offer_of_code
-- Which offer a code stood for when it was answered last.
SELECT offer FROM offer_use WHERE code = ? AND offer IS NOT NULL ORDER BY number DESC LIMIT 1;

-- name: inherit
-- What takes the place of a use that the platform heard of must be given back there, too, and by the call that fits; and
-- what went out with the one went out with the other.
UPDATE offer_use SET
    reached = max(offer_use.reached, earlier.reached),
    action = CASE WHEN offer_use.offline = 1 THEN coalesce(earlier.action, offer_use.action) ELSE offer_use.action END,
    carried = earlier.carried,
    carried_last = earlier.carried_last
FROM (
    SELECT
        max(reached OR offline = 0) AS reached,
        min(carried) AS carried,
        max(carried_last) AS carried_last,
        max(CASE WHEN reached OR offline = 0 THEN action END) AS action
    FROM offer_use
    WHERE transaction_id = :transaction_id AND number < :number AND state IN ('asked', 'applied')
        AND coalesce(offer, code) IN (:offer, :code)
) AS earlier
WHERE offer_use.number = :number AND earlier.reached IS NOT NULL;

-- name: replace
-- A later use for the same transaction takes the place of earlier ones.
UPDATE offer_use SET state = 'released'
WHERE transaction_id = :transaction_id AND number < :number AND state IN ('asked', 'applied')
    AND coalesce(offer, code) IN (:offer, :code);

-- name: refuse
-- The platform does not do it.
UPDATE offer_use SET state = 'refused' WHERE number = ? AND state = 'asked';

-- name: carry
-- A revision goes out with it.
UPDATE offer_use SET carried = coalesce(carried, :sequence), carried_last = :sequence WHERE number = :number;

-- name: use
-- A closed sale carries it.
UPDATE offer_use SET state = 'used', sequence = ? WHERE number = ? AND state IN ('asked', 'applied');

-- name: release
-- It was given back.
UPDATE offer_use SET state = 'released' WHERE number = ? AND state IN ('asked', 'applied', 'used');

-- name: uses_of_transaction
-- What a transaction uses or used.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, sent, taken,
    pending
FROM offer_use_seen
WHERE transaction_id = ? AND state IN ('asked', 'applied', 'used', 'released')
ORDER BY number;

-- name: uses_of_offer
-- What uses an offer, or did, the last first.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, sent, taken OR leaving,
    pending
FROM offer_use_seen
WHERE number IN (SELECT number FROM offer_use INDEXED BY offer_use_by_offer WHERE offer = :offer) AND state <> 'refused'
ORDER BY number DESC;

-- name: in_use
-- Whether this store knows the platform to have an offer used already: for another transaction, or beyond being locked
-- for this one. Those applied offline are counted by the caps.
SELECT EXISTS (
    SELECT 1 FROM offer_use INDEXED BY offer_use_by_offer
    WHERE offer = :offer AND number <> :number AND state IN ('asked', 'applied', 'used') AND offline = 0
        AND NOT (transaction_id = :transaction_id AND action = 'lock' AND state <> 'used')
);

-- name: given_offline
-- Whether another transaction was given an offer offline, and the platform has not heard of it yet.
SELECT EXISTS (
    SELECT 1 FROM offer_use INDEXED BY offer_use_by_offer
    WHERE offer = ? AND transaction_id <> ? AND offline = 1 AND consumed = 0 AND state IN ('applied', 'used')
);

-- name: going_back
-- Whether a call that gives something back is still on its way.
SELECT EXISTS (SELECT 1 FROM revision WHERE transaction_id = ? AND state IN ('waiting', 'frozen', 'held'));

-- name: taken_offline
-- How often an offer was allowed offline, and how many offers on a day: of a guest, and of the store; but for the use
-- itself, which may have been asked for twice, and for one whose place it takes. Guests that are not known share one cap.
SELECT
    (SELECT count(*) FROM offer_use INDEXED BY offer_use_by_offer
        WHERE offer = :offer AND offline = 1 AND state <> 'released' AND number <> :number
            AND NOT (state = 'applied' AND transaction_id = :transaction_id)),
    (SELECT count(*) FROM offer_use INDEXED BY offer_use_offline
        WHERE offline = 1 AND day = :day AND guest IS :guest AND state <> 'released' AND number <> :number
            AND NOT (state = 'applied' AND transaction_id = :transaction_id AND offer = :offer)),
    (SELECT count(*) FROM offer_use INDEXED BY offer_use_offline
        WHERE offline = 1 AND day = :day AND state <> 'released' AND number <> :number
            AND NOT (state = 'applied' AND transaction_id = :transaction_id AND offer = :offer));

-- name: grow_older
-- The agent ran for longer.
UPDATE offer_use SET age = age + ? WHERE state IN ('asked', 'applied');

-- name: forgotten
-- Uses that are open for so long, and whose transaction is not closed.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, sent, taken OR leaving,
    pending
FROM offer_use_seen
WHERE number IN (SELECT number FROM offer_use INDEXED BY offer_use_open WHERE state IN ('asked', 'applied') AND age >= ?)
    AND NOT EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use_seen.transaction_id AND closed = 1
            AND revision.state IN ('waiting', 'frozen', 'held')
    )
ORDER BY number
LIMIT ?;

-- name: consume
-- The closed sale arrived: its offer is consumed.
UPDATE offer_use SET consumed = 1
WHERE number IN (SELECT number FROM offer_use INDEXED BY offer_use_unsettled WHERE state = 'used' AND consumed = 0)
    AND EXISTS (
        SELECT 1 FROM revision INDEXED BY revision_by_transaction
        WHERE revision.transaction_id = offer_use.transaction_id
            AND revision.sequence BETWEEN offer_use.sequence AND offer_use.carried_last
            AND closed = 1 AND voided = 0 AND revision.state = 'delivered'
    );

-- name: missed
-- Uses whose closed sale will not arrive any more: refused and discarded, or overtaken by a state without it.
SELECT
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, sent, taken,
    pending
FROM offer_use_seen
WHERE number IN (SELECT number FROM offer_use INDEXED BY offer_use_unsettled WHERE state = 'used' AND consumed = 0)
    AND NOT EXISTS (
        SELECT 1 FROM revision AS closing INDEXED BY revision_by_transaction
        WHERE closing.transaction_id = offer_use_seen.transaction_id AND closing.closed = 1 AND closing.voided = 0
            AND closing.sequence BETWEEN offer_use_seen.sequence AND offer_use_seen.carried_last
            AND (
                closing.state IN ('waiting', 'frozen', 'held', 'delivered')
                OR (closing.state = 'parked' AND NOT EXISTS (
                    SELECT 1 FROM revision AS newer INDEXED BY revision_by_transaction
                    WHERE newer.transaction_id = closing.transaction_id AND newer.sequence > closing.sequence
                        AND newer.state IN ('waiting', 'frozen', 'held', 'delivered')
                ))
            )
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
