-- name: last
-- The last day that was closed.
SELECT number, closed_at, tallies FROM business_day ORDER BY number DESC LIMIT 1;

-- name: close
-- Close a day with the tallies of this moment.
INSERT INTO business_day (number, closed_at, closed_by, reason, tallies) VALUES (?, ?, ?, ?, ?);

-- name: closed
-- Closed days, newest first, below a number.
SELECT number, closed_at, closed_by, reason FROM business_day WHERE number < ? ORDER BY number DESC LIMIT ?;
