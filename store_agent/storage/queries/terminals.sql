-- name: add
-- Let a terminal in; a revoked name may come back with a new token, which was not seen yet.
INSERT INTO terminal (name, token_hash, added_at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET
    token_hash = excluded.token_hash, added_at = excluded.added_at, revoked_at = NULL, seen_at = NULL
WHERE revoked_at IS NOT NULL;

-- name: revoke
-- Shut a terminal out.
UPDATE terminal SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL;

-- name: saw
-- Note when a terminal last called.
UPDATE terminal SET seen_at = ? WHERE name = ?;

-- name: all
-- Every terminal that ever was, by name.
SELECT name, token_hash, added_at, revoked_at, seen_at FROM terminal ORDER BY name;
