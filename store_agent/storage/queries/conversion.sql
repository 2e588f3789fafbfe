-- name: attach
-- The file that is written, with its key; an empty one is none.
ATTACH ? AS other KEY ?;

-- name: export
-- Everything but the header's own numbers (zetetic.net/sqlcipher/sqlcipher-api, sqlcipher_export).
SELECT sqlcipher_export('other');

-- name: tables
-- Every table, also SQLite's own of sequences.
SELECT name FROM main.sqlite_schema WHERE type = 'table';

-- name: counts
-- How many rows a table has here and there.
SELECT (SELECT count(*) FROM main.{0}), (SELECT count(*) FROM other.{0});

-- name: schema_differs
-- Anything of the schema that is not the same there.
SELECT type, name, sql FROM main.sqlite_schema EXCEPT SELECT type, name, sql FROM other.sqlite_schema;

-- name: detach
-- Finish the file.
DETACH other;
