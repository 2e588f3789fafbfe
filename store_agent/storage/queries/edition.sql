-- name: checks
-- What checks each table that has pages of its own. A check of everything would also compare indexes of words with
-- their tables word by word, which takes as long as building them.
SELECT format('PRAGMA quick_check(%Q)', name) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0;
