-- name: schema
-- An answer, what it can be found by, and the offers in it. Times are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS answer (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    body   BLOB    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

-- name: schema_times_index
CREATE INDEX IF NOT EXISTS answer_by_time ON answer (at);

-- name: schema_names
CREATE TABLE IF NOT EXISTS name (
    kind   TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    answer INTEGER NOT NULL REFERENCES answer (number) ON DELETE CASCADE,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

-- name: schema_names_index
CREATE INDEX IF NOT EXISTS name_by_answer ON name (answer);

-- name: schema_offers
CREATE TABLE IF NOT EXISTS offer (
    offer  TEXT    NOT NULL PRIMARY KEY,
    answer INTEGER NOT NULL REFERENCES answer (number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- name: schema_offers_index
CREATE INDEX IF NOT EXISTS offer_by_answer ON offer (answer);

-- name: keep
-- Keep an answer.
INSERT INTO answer (body, at) VALUES (?, ?);

-- name: keep_name
-- It is the last one under this name.
INSERT INTO name (kind, value, answer) VALUES (?, ?, ?)
ON CONFLICT (kind, value) DO UPDATE SET answer = excluded.answer;

-- name: keep_offer
-- It is the last one with this offer.
INSERT INTO offer (offer, answer) VALUES (?, ?) ON CONFLICT (offer) DO UPDATE SET answer = excluded.answer;

-- name: under_name
-- The answer that is kept under a name so far.
SELECT answer FROM name WHERE kind = ? AND value = ?;

-- name: let_go
-- An answer that nothing leads to any more goes.
DELETE FROM answer WHERE number = ? AND NOT EXISTS (SELECT 1 FROM name WHERE name.answer = answer.number);

-- name: forget_wrong_times
-- Forget what is too old, and what came from a clock that was ahead.
DELETE FROM answer WHERE at < :oldest OR at > :now;

-- name: forget_most
-- Forget the first of those that are too many.
DELETE FROM answer
WHERE number IN (SELECT number FROM answer ORDER BY number LIMIT max(0, (SELECT count(*) FROM answer) - :most));

-- name: forget_name
-- Nothing is known any more under a name.
DELETE FROM name WHERE kind = ? AND value = ?;

-- name: find
-- The last answer under a name.
SELECT body, at FROM answer WHERE number = (SELECT answer FROM name WHERE kind = ? AND value = ?);

-- name: find_offer
-- The last answer with an offer.
SELECT body, at FROM answer WHERE number = (SELECT answer FROM offer WHERE offer = ?);
