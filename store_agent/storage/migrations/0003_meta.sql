-- Single facts about this database. A later step that older programs can live with says so here, for itself: the key
-- `schema_7_usable_from` with the value 6 lets a program that knows schema 6 use a database of schema 7 as it is. Steps
-- expand first and contract one version later, so that one version back still runs.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    CONSTRAINT meta_key_length CHECK (length(key) BETWEEN 1 AND 64)
) STRICT, WITHOUT ROWID;
