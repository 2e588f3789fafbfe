-- What a screen shows beside the queue: what every try to send came to, and when a terminal was last seen (DESIGN,
-- section 5). It only adds, and what older programs do goes on without it, so that those of schema 6 may use it as it is.
-- The fact may be there already: a salvage by an older program keeps the facts of a database that it cannot keep whole.

INSERT INTO meta (key, value) VALUES ('schema_7_usable_from', '6')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- Tries to send a revision that did not deliver it, from 1 on; what delivered it is told by its `settled_at`, so that a
-- sale that arrives at its first try costs nothing here. Tries in a row that came to the same are one row.
CREATE TABLE attempt (
    sequence INTEGER NOT NULL REFERENCES revision (sequence) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    times    INTEGER NOT NULL,
    words    TEXT    NOT NULL,
    said     TEXT,
    PRIMARY KEY (sequence, number),
    CONSTRAINT attempt_counts CHECK (number >= 1 AND times >= 1)
) STRICT, WITHOUT ROWID;

-- When it last called, NULL if it never did.
ALTER TABLE terminal ADD COLUMN seen_at INTEGER;
