-- What a terminal may do, and the token that a rotation leaves good for a while (DESIGN, section 8). Older programs take
-- every terminal for a cashier, and know its newest token only.

INSERT INTO meta (key, value) VALUES ('schema_12_usable_from', '6')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

ALTER TABLE terminal ADD COLUMN role TEXT NOT NULL DEFAULT 'cashier'
    CONSTRAINT terminal_role CHECK (role IN ('cashier', 'manager'));

-- SHA-256 of the token before the present one, and for how many seconds in which the agent runs it is still good (G14).
ALTER TABLE terminal ADD COLUMN former_hash BLOB
    CONSTRAINT terminal_former_token_is_sha256 CHECK (length(former_hash) = 32);
ALTER TABLE terminal ADD COLUMN former_seconds INTEGER
    CONSTRAINT terminal_former_token_ends CHECK ((former_hash IS NULL) = (former_seconds IS NULL));

-- Also where an older program shuts it out, and lets the name in again later: then it is a cashier with one token.
CREATE TRIGGER terminal_shut_out_has_no_rights AFTER UPDATE OF revoked_at ON terminal WHEN NEW.revoked_at IS NOT NULL
BEGIN
    UPDATE terminal SET role = 'cashier', former_hash = NULL, former_seconds = NULL WHERE name = NEW.name;
END;
