-- name: count_waiting
-- How many jobs wait for a printer.
SELECT count(*) FROM print_job INDEXED BY print_job_waiting WHERE printer = ? AND state = 'waiting';

-- name: put
-- Keep something to be printed.
INSERT INTO print_job (printer, about, content, created_at) VALUES (?, ?, ?, ?);

-- name: asked_before
-- The newest job that prints the same at the same printer, or did.
SELECT number FROM print_job INDEXED BY print_job_about
WHERE about = ? AND printer = ? AND state <> 'given_up'
ORDER BY number DESC
LIMIT 1;

-- name: oldest
-- What a printer is to print next, and whether it told its status for one of the jobs that are kept.
SELECT
    number, content, attempts, doubts,
    EXISTS (SELECT 1 FROM print_job INDEXED BY print_job_told WHERE told = 1 AND print_job.printer = job.printer)
FROM print_job AS job INDEXED BY print_job_waiting
WHERE printer = ? AND state = 'waiting'
ORDER BY number
LIMIT 1;

-- name: begin
-- Note that the first byte of a job goes to its printer now.
UPDATE print_job SET attempts = :attempts, doubts = :doubts WHERE number = :number AND state = 'waiting';

-- name: fail
-- Note why a try did not print, and whether it may have all the same.
UPDATE print_job SET error = :error, attempts = :attempts, doubts = :doubts, told = max(told, :told)
WHERE number = :number AND state = 'waiting';

-- name: settle
-- The end of a job.
UPDATE print_job SET
    state = :state, error = :error, told = max(told, :told), content = NULL, settled_at = :at,
    settled_lived = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'lived_seconds')
WHERE number = :number AND state = 'waiting';

-- name: find
-- One job.
SELECT number, printer, about, state, attempts, error, created_at, settled_at FROM print_job WHERE number = ?;

-- name: waiting
-- How many jobs wait, by printer.
SELECT printer, count(*) FROM print_job INDEXED BY print_job_waiting WHERE state = 'waiting' GROUP BY printer;

-- name: queued
-- The jobs that wait, in the order in which they were asked for.
SELECT number, printer, about, state, attempts, error, created_at, settled_at
FROM print_job
WHERE state = 'waiting'
ORDER BY number
LIMIT ?;

-- name: last_printed
-- When a printer printed last, as far as it is kept.
SELECT max(settled_at) FROM print_job INDEXED BY print_job_printed WHERE printer = ? AND state = 'printed';

-- name: grow_older
-- Jobs that wait have waited for longer.
UPDATE print_job INDEXED BY print_job_waiting SET age = age + ? WHERE state = 'waiting';

-- name: too_old
-- Jobs that nobody waits for any more.
SELECT number FROM print_job INDEXED BY print_job_waiting WHERE state = 'waiting' AND age >= ? ORDER BY number LIMIT ?;

-- name: purge
-- Delete jobs that were settled long ago.
DELETE FROM print_job WHERE number IN (
    SELECT number FROM print_job INDEXED BY print_job_settled
    WHERE state <> 'waiting'
        AND settled_lived <= (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'lived_seconds') - ?
    LIMIT ?
);
