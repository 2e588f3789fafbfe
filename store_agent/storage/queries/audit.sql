-- name: add
-- Note what was done; it is chained next, in the same commit.
INSERT INTO audit (at, who, action, sequence, reason) VALUES (?, ?, ?, ?, ?);

-- name: unchained
-- Entries without a hash, oldest first.
SELECT number, at, who, action, sequence, reason FROM audit WHERE hash IS NULL ORDER BY number;

-- name: hash_before
-- The hash of the entry before a number.
SELECT hash FROM audit WHERE number < ? AND hash IS NOT NULL ORDER BY number DESC LIMIT 1;

-- name: chain
-- Put an entry into the chain.
UPDATE audit SET
    previous = ?, hash = ?, lived = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'lived_seconds')
WHERE number = ?;

-- name: anchor
-- What the chain goes on from; nothing if that is gone.
SELECT coalesce(max(value), '') FROM meta WHERE key = 'audit_anchor';

-- name: given
-- The highest number that was ever given.
SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'audit';

-- name: begin_to_give
-- As the first entry would.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'audit', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'audit');

-- name: go_on_giving
-- Numbers up to this one were given.
UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'audit';

-- name: entries
-- Everything, in order.
SELECT number, at, who, action, sequence, reason, previous, hash FROM audit ORDER BY number;

-- name: newest
-- The newest entry of the chain.
SELECT number, hash FROM audit WHERE hash IS NOT NULL ORDER BY number DESC LIMIT 1;

-- name: count
-- How many entries there are after a number.
SELECT count(*) FROM audit WHERE number > ?;

-- name: hash_of
-- The hash of an entry.
SELECT hash FROM audit WHERE number = ?;

-- name: may_go
-- The last of the oldest entries that are old enough; never the newest one.
SELECT number, hash FROM (
    SELECT number, hash, lived FROM audit
    WHERE number < (SELECT max(number) FROM audit) ORDER BY number LIMIT :most
)
WHERE lived <= :lived ORDER BY number DESC LIMIT 1;

-- name: move_anchor
-- The chain goes on from here.
UPDATE meta SET value = ? WHERE key = 'audit_anchor';

-- name: let_go
-- Delete what the chain is anchored behind.
DELETE FROM audit WHERE number <= ?;
