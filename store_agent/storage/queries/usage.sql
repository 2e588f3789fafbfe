-- name: rows
-- How many revisions are kept, told by their numbers, and the highest one.
SELECT coalesce(highest - lowest + 1, 0), coalesce(highest, 0)
FROM (SELECT (SELECT min(sequence) FROM revision) AS lowest, (SELECT max(sequence) FROM revision) AS highest);

-- name: settled
-- The next settled revisions of a state, and whether they still have their text.
SELECT sequence, EXISTS (SELECT 1 FROM payload WHERE payload.sequence = revision.sequence)
FROM revision INDEXED BY revision_by_state
WHERE state = :state AND sequence > :after
ORDER BY sequence
LIMIT :most;

-- name: moves
-- How many revisions have come into a state.
SELECT revisions FROM tally WHERE state = ?;

-- name: shed
-- Drop the text of a settled revision.
DELETE FROM payload WHERE sequence = ?;

-- name: pages
-- Pages of the file, how many of them are free, and their size, which SQLCipher gives as text where it encrypts.
SELECT page_count, freelist_count, CAST(page_size AS INTEGER) FROM pragma_page_count, pragma_freelist_count, pragma_page_size;
