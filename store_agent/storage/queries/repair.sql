-- name: state_of
-- Where a revision is.
SELECT state FROM revision WHERE sequence = ?;

-- name: hold
-- Keep a waiting revision back, and with it later ones of its transaction.
UPDATE revision SET state = 'held' WHERE sequence = ? AND state = 'waiting';

-- name: discard
-- Give up a parked revision; the audit must name who and why.
UPDATE revision SET state = 'discarded', settled_at = ? WHERE sequence = ? AND state = 'parked';

-- name: audit_of
-- What was done to one revision, oldest first.
SELECT number, at, who, action, sequence, reason FROM audit WHERE sequence = ? ORDER BY number;

-- name: audit_page
-- What was done, newest first, before a number.
SELECT number, at, who, action, sequence, reason FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?;
