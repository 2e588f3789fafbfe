-- name: digest
-- What of a kind was handed over for upload last.
SELECT value FROM meta WHERE key = ?;

-- name: note
-- This was.
INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: supersede
-- An older one that was not sent need not go any more.
UPDATE revision SET state = 'superseded', settled_at = ? WHERE transaction_id = ? AND state = 'waiting' AND call IS NOT NULL;
