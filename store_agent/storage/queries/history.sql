-- name: schema_version
-- The versions of what a file holds; the highest is what it holds now. `counts` is JSON, times are milliseconds since
-- 1970, `listed` changes with `bytes` of text are in `change`.
CREATE TABLE version (
    number  INTEGER NOT NULL PRIMARY KEY,
    digest  BLOB    NOT NULL,
    since   INTEGER NOT NULL,
    as_of   INTEGER NOT NULL,
    source  TEXT    NOT NULL,
    counts  TEXT    NOT NULL,
    added   INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    listed  INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    CONSTRAINT version_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT version_lists_what_changed CHECK (listed BETWEEN 0 AND added + removed + changed)
) STRICT;

-- name: schema_change
-- What a version changed, in order; `fields`, `before` and `after` are JSON.
CREATE TABLE change (
    version INTEGER NOT NULL REFERENCES version (number) DEFERRABLE INITIALLY DEFERRED,
    number  INTEGER NOT NULL,
    entry   TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    fields  TEXT    NOT NULL,
    before  TEXT,
    after   TEXT,
    PRIMARY KEY (version, number),
    CONSTRAINT change_entry CHECK (entry IN ('category', 'item', 'employee')),
    CONSTRAINT change_kind CHECK (kind IN ('added', 'removed', 'changed')),
    CONSTRAINT change_has_its_sides CHECK ((before IS NULL) = (kind = 'added') AND (after IS NULL) = (kind = 'removed'))
) STRICT, WITHOUT ROWID;

-- name: versions
-- The newest versions.
SELECT number, digest, since, as_of, source, counts, added, removed, changed, listed, bytes
FROM version ORDER BY number DESC LIMIT ?;

-- name: add_version
-- Note a version.
INSERT INTO version (number, digest, since, as_of, source, counts, added, removed, changed, listed, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: confirm
-- What the file holds came again.
UPDATE version SET as_of = ?, source = ? WHERE number = (SELECT max(number) FROM version);

-- name: add_change
-- Note changes.
INSERT INTO change (version, number, entry, kind, key, fields, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: copy_changes
-- All changes of a version, to be taken over into the next file.
SELECT version, number, entry, kind, key, fields, before, after FROM change WHERE version = ? ORDER BY number;

-- name: changes
-- A page of what a version changed.
SELECT number, entry, kind, key, fields, before, after FROM change
WHERE version = :version AND number > :after ORDER BY number LIMIT :limit;
