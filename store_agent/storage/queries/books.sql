-- name: tallies
-- Counts and amounts by state.
SELECT state, revisions, amount FROM tally;

-- name: oldest_of
-- When the oldest revision of a state was accepted.
SELECT accepted_at FROM revision WHERE state = ? ORDER BY sequence LIMIT 1;
