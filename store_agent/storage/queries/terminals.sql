-- name: add
-- Let a terminal in; a revoked name may come back with a new token, which was not seen yet.
INSERT INTO terminal (name, token_hash, role, added_at) VALUES (:name, :token_hash, :role, :now)
ON CONFLICT (name) DO UPDATE SET
    token_hash = excluded.token_hash, role = excluded.role, added_at = excluded.added_at, revoked_at = NULL,
    seen_at = NULL
WHERE revoked_at IS NOT NULL;

-- name: rotate
-- Give a terminal another token; the one before stays good for so many seconds, or not at all.
UPDATE terminal SET
    former_hash = iif(:seconds > 0, token_hash, NULL), former_seconds = iif(:seconds > 0, :seconds, NULL),
    token_hash = :token_hash
WHERE name = :name AND revoked_at IS NULL;

-- name: keep_former
-- Keep for how many seconds a former token is still good, if it is still that one; forget it once its time is over.
UPDATE terminal SET
    former_hash = iif(:seconds > 0, former_hash, NULL), former_seconds = iif(:seconds > 0, :seconds, NULL)
WHERE name = :name AND former_hash = :former_hash;

-- name: revoke
-- Shut a terminal out.
UPDATE terminal SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL;

-- name: saw
-- Note when a terminal last called.
UPDATE terminal SET seen_at = ? WHERE name = ?;

-- name: all
-- Every terminal that ever was, by name.
SELECT name, token_hash, added_at, revoked_at, seen_at, role, former_hash, former_seconds FROM terminal ORDER BY name;
