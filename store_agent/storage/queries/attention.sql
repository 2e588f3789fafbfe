-- name: groups
-- What is parked (the first :scan of it), grouped by cause, most sales first. Overtaken is what would be superseded if it
-- were retried; see supersede_if_overtaken. What the refusal named is taken from the first of a group.
WITH looked_at AS (
    SELECT
        sequence, coalesce(error, '') AS cause, call, burst, amount,
        (call IS NULL OR call IN ('upload_catalog', 'upload_employees')) AND EXISTS (
            SELECT 1 FROM revision AS newer INDEXED BY revision_by_transaction
            WHERE newer.transaction_id = parked.transaction_id AND newer.sequence > parked.sequence
                AND newer.state NOT IN ('parked', 'discarded', 'superseded')
        ) AS overtaken
    FROM revision AS parked INDEXED BY revision_by_state
    WHERE state = 'parked'
    ORDER BY sequence
    LIMIT :scan
),
grouped AS (
    SELECT
        cause, count(*) - count(call) AS sales, count(call) AS calls, coalesce(sum(amount), 0) AS total,
        sum(overtaken) AS overtaken, max(burst) AS in_burst, min(sequence) AS first, max(sequence) AS last,
        json_group_array(sequence) AS sequences
    FROM looked_at
    GROUP BY cause
    ORDER BY sales DESC, calls DESC, first
    LIMIT :groups
)
SELECT
    cause, oldest.fields, in_burst, oldest.call, sales, calls, total, oldest.accepted_at, newest.accepted_at,
    overtaken, sequences
FROM grouped
CROSS JOIN revision AS oldest ON oldest.sequence = first
CROSS JOIN revision AS newest ON newest.sequence = last
ORDER BY sales DESC, calls DESC, first;

-- name: parked
-- How many are parked.
SELECT revisions FROM tally WHERE state = 'parked';
