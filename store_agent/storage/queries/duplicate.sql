-- name: newest
-- The highest sequence.
SELECT coalesce(max(sequence), 0) FROM revision;

-- name: kept
-- How many revisions there should be of each state, and how many there are.
SELECT tally.state, tally.revisions - coalesce(purged.revisions, 0), coalesce(counted.revisions, 0)
FROM tally
LEFT JOIN purged USING (state)
LEFT JOIN (SELECT state, count(*) AS revisions FROM revision GROUP BY state) AS counted USING (state)
WHERE tally.state <> 'accepted';

-- name: size
-- How large the database is, in bytes.
SELECT page_count * page_size FROM pragma_page_count, pragma_page_size;
