-- name: sizes
-- Bytes of text of some revisions (a JSON list); those that are not there are left out.
SELECT asked.value, iif(payload.sequence IS NULL, 0, revision.size)
FROM json_each(?) AS asked
CROSS JOIN revision ON revision.sequence = asked.value
LEFT JOIN payload ON payload.sequence = asked.value;
