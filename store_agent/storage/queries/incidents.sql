-- name: open
-- What nobody has acknowledged yet, oldest first.
SELECT number, at, words, details FROM incident WHERE acknowledged_at IS NULL ORDER BY number;

-- name: acknowledge
-- Somebody has read it.
UPDATE incident SET acknowledged_at = ?, acknowledged_by = ?, reason = ? WHERE number = ? AND acknowledged_at IS NULL;
