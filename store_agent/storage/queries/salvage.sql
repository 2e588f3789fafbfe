-- name: tables
-- The tables of a database, and whether their rows have no rowid.
SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%';

-- name: columns
-- The columns of a table.
SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY cid;

-- name: make_finds
-- Where rows were found: key, table, whether it is the newest for certain, page and place in it.
CREATE TABLE find (
    family, key, noun, certain, place, position, PRIMARY KEY (family, key, noun, certain DESC, place, position)
) WITHOUT ROWID;

-- name: add_find
-- Note a row.
INSERT OR IGNORE INTO find (family, key, noun, certain, place, position) VALUES (?, ?, ?, ?, ?, ?);

-- name: finds_of
-- The rows of tables that share their keys, certain ones first.
SELECT key, noun, certain, place, position FROM find WHERE family = ? ORDER BY key, noun, certain DESC;

-- name: count_certain
-- How many keys of tables that share them are there for certain.
SELECT count(DISTINCT key) FROM find WHERE family = ? AND certain;

-- name: insert
-- Put a row into a table; the first one with a key stays.
INSERT OR IGNORE INTO {} ({}) VALUES ({});

-- name: insert_over
-- Put a row into a table in place of the one with its key.
INSERT OR REPLACE INTO {} ({}) VALUES ({});

-- name: triggers
-- What watches over the rows while the agent runs.
SELECT name, sql FROM sqlite_schema WHERE type = 'trigger';

-- name: insert_code
-- Keep a receipt code.
INSERT OR IGNORE INTO receipt_code (code, transaction_id, payment, minted, kept_at) VALUES (?, ?, ?, ?, ?);

-- name: insert_payload
-- Keep a text and its seal.
INSERT INTO payload (sequence, body, seal) VALUES (?, ?, ?);

-- name: state_of_batch
-- Where a request is.
SELECT state FROM batch WHERE number = ?;

-- name: body_of_batch
-- The bytes of a frozen request.
SELECT body FROM batch WHERE number = ?;

-- name: is_in_flight
-- Whether a revision of a transaction is frozen.
SELECT 1 FROM revision WHERE transaction_id = ? AND state = 'frozen';

-- name: forget_batches
-- No reference to a request that is lost.
UPDATE revision SET batch = NULL WHERE batch IS NOT NULL AND batch NOT IN (SELECT number FROM batch);

-- name: forget_attempts
-- No tries of a revision that is lost.
DELETE FROM attempt WHERE sequence NOT IN (SELECT sequence FROM revision);

-- name: requests_alone
-- Frozen requests none of whose revisions is left.
SELECT number, request_id, endpoint, body FROM batch
WHERE state = 'frozen' AND NOT EXISTS (SELECT 1 FROM revision WHERE batch = batch.number AND state = 'frozen');

-- name: drop_request
-- A request that nothing can be settled of.
DELETE FROM batch WHERE number = ?;

-- name: count_members
-- The members that are left of frozen requests.
UPDATE batch
SET members = (SELECT count(*) FROM revision WHERE batch = batch.number AND state = 'frozen')
WHERE state = 'frozen';

-- name: count_states
-- What the rows say of the books.
SELECT state, count(*), coalesce(sum(amount), 0) FROM revision GROUP BY state;

-- name: set_tally
-- Make the books fit the rows.
UPDATE tally SET revisions = ?, amount = ? WHERE state = ?;

-- name: set_purged
-- What is not there any more of a settled state.
UPDATE purged SET revisions = ?, amount = ? WHERE state = ?;

-- name: newest
-- The highest sequence there is.
SELECT coalesce(max(sequence), 0) FROM revision;

-- name: set_sequences_given
-- Sequences up to this one were given already.
INSERT INTO meta (key, value) VALUES ('sequences_given', ?)
ON CONFLICT (key) DO UPDATE SET value = CAST(max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER)) AS TEXT);

-- name: insert_incident
-- Tell people what happened.
INSERT INTO incident (at, words, details) VALUES (?, ?, ?);
