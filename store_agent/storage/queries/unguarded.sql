-- name: guards
-- What watches over single changes: the triggers, and the index that allows one revision of a transaction in flight,
-- which can be broken for a moment between two updates.
SELECT type, name, sql FROM main.sqlite_schema WHERE type = 'trigger' OR name = 'revision_one_in_flight';

-- name: count
-- The tallies out of the rows that are kept, and of those that were purged.
UPDATE main.tally SET
    revisions = (SELECT count(*) FROM main.revision WHERE revision.state = tally.state)
        + coalesce((SELECT revisions FROM main.purged WHERE purged.state = tally.state), 0),
    amount = (SELECT coalesce(sum(amount), 0) FROM main.revision WHERE revision.state = tally.state)
        + coalesce((SELECT amount FROM main.purged WHERE purged.state = tally.state), 0)
WHERE state <> 'accepted';

-- name: count_accepted
-- Everything that was ever taken is in some state.
UPDATE main.tally SET (revisions, amount) = (
    SELECT sum(revisions), sum(amount) FROM main.tally AS other WHERE other.state <> 'accepted'
)
WHERE state = 'accepted';
