-- name: note
-- The same words as last time are counted, others are a new attempt, for each member of a frozen request.
INSERT INTO attempt (sequence, number, first_at, last_at, times, words, said)
SELECT
    member.sequence,
    CASE WHEN last.number IS NULL THEN 1 ELSE last.number + (last.words <> :words) END,
    :at, :at, 1, :words, nullif(:said, '')
FROM revision AS member
LEFT JOIN attempt AS last
    ON last.sequence = member.sequence
        AND last.number = (SELECT max(number) FROM attempt WHERE sequence = member.sequence)
WHERE member.batch = :batch AND member.state = 'frozen'
ON CONFLICT (sequence, number) DO UPDATE SET times = times + 1, last_at = excluded.last_at;

-- name: forget
-- The first one and the newest ones of each member are kept.
DELETE FROM attempt
WHERE sequence IN (SELECT sequence FROM revision WHERE batch = :batch AND state = 'frozen') AND number > 1
    AND number <= (SELECT max(number) FROM attempt AS newest WHERE newest.sequence = attempt.sequence) - :newest;

-- name: of
-- The attempts of a revision, oldest first.
SELECT first_at, last_at, times, words, said FROM attempt WHERE sequence = ? ORDER BY number;
