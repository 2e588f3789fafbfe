-- name: schema_names
-- What entries are called, by their numbers, which are in the order of results; nothing but the index is kept.
CREATE VIRTUAL TABLE names USING fts5 (
    name, content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);

-- name: schema_words
-- All that they can be searched for, their names, too.
CREATE VIRTUAL TABLE words USING fts5 (
    told, content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);

-- name: prepare_names
-- Sort more of the index in memory before it goes to the file: 16 MiB.
INSERT INTO names (names, rank) VALUES ('hashsize', 16777216);

-- name: prepare_words
INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);

-- name: finish_names
-- Make one sorted index of all parts.
INSERT INTO names (names) VALUES ('optimize');

-- name: finish_words
INSERT INTO words (words) VALUES ('optimize');

-- name: find_names
-- A page of what has such a name.
SELECT rowid FROM names WHERE names MATCH :expression AND rowid > :after ORDER BY rowid LIMIT :limit;

-- name: find_words
-- A page of what says it elsewhere. It is asked for once the names are at an end, which mostly are few then.
SELECT rowid FROM words
WHERE words MATCH :expression AND rowid > :after AND rowid NOT IN (SELECT rowid FROM names WHERE names MATCH :expression)
ORDER BY rowid LIMIT :limit;
