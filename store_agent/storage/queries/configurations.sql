-- name: last
-- The digests of the configuration that was noted last.
SELECT value FROM meta WHERE key = 'configuration';

-- name: keep
-- Keep the digests of the configuration in use.
INSERT INTO meta (key, value) VALUES ('configuration', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value;
