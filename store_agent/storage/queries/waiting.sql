-- name: to_waiting
-- Let a parked or held revision go again.
UPDATE revision SET state = 'waiting', settled_at = NULL WHERE sequence = ? AND state = ?;

-- name: supersede_if_overtaken
-- It need not go any more if a newer one of its transaction is on its way or arrived: order is kept (G4). One that is
-- superseded itself does not count; what superseded it does, unless that was refused or discarded. A call carries no state
-- that a later one would carry too, but for uploads: it always goes.
UPDATE revision SET state = 'superseded', settled_at = ?
WHERE sequence = ? AND state = 'waiting' AND (call IS NULL OR call IN ('upload_catalog', 'upload_employees')) AND EXISTS (
    SELECT 1 FROM revision AS newer INDEXED BY revision_by_transaction
    WHERE newer.transaction_id = revision.transaction_id AND newer.sequence > revision.sequence
        AND newer.state NOT IN ('parked', 'discarded', 'superseded')
);

-- name: supersede_older
-- An older one of the transaction that waits need not go if this one does.
UPDATE revision SET state = 'superseded', settled_at = ?
WHERE state = 'waiting' AND (call IS NULL OR call IN ('upload_catalog', 'upload_employees')) AND sequence < ? AND transaction_id = (SELECT transaction_id FROM revision WHERE sequence = ?)
    AND EXISTS (SELECT 1 FROM revision WHERE sequence = ? AND state = 'waiting');
