-- name: digest
-- What of a kind was handed over for upload last.
SELECT value FROM meta WHERE key = ?;

-- name: note
-- This was.
INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: supersede
-- An older one that was not sent need not go any more.
UPDATE revision SET state = 'superseded', settled_at = ? WHERE transaction_id = ? AND state = 'waiting' AND call IS NOT NULL;

-- name: last
-- The newest of a kind, whatever became of it.
SELECT sequence, state, accepted_at, settled_at, error FROM revision INDEXED BY revision_by_transaction
WHERE transaction_id = ?
ORDER BY sequence DESC
LIMIT 1;
