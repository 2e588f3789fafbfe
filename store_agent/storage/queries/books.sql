-- name: tallies
-- Counts and amounts by state.
SELECT state, revisions, amount FROM tally;

-- name: oldest_of
-- When the oldest revision of a state was accepted.
SELECT accepted_at FROM revision WHERE state = ? ORDER BY sequence LIMIT 1;

-- name: calls
-- How many deferred calls are on their way, or parked.
SELECT state, count(*) FROM revision INDEXED BY revision_calls
WHERE call IS NOT NULL AND state IN ('waiting', 'frozen', 'held', 'parked')
GROUP BY state;
