-- What is to be printed, kept until the printer takes it (DESIGN, section 5). Older programs leave it alone.

INSERT INTO meta (key, value) VALUES ('schema_10_usable_from', '6')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- `content` is what goes to the printer, dropped once the job is settled. `doubts` are the tries that may have printed it:
-- each counts from before its first byte leaves until it is known that it cannot have. `told`: the printer said
-- how it was at a try. `age` is in seconds that the agent
-- ran while the job waited, `settled_lived` the lived time at which it was settled (G14).
CREATE TABLE print_job (
    number        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    printer       TEXT    NOT NULL,
    about         TEXT    NOT NULL,
    content       BLOB,
    state         TEXT    NOT NULL DEFAULT 'waiting',
    attempts      INTEGER NOT NULL DEFAULT 0,
    doubts        INTEGER NOT NULL DEFAULT 0,
    told          INTEGER NOT NULL DEFAULT 0,
    error         TEXT,
    age           INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    settled_at    INTEGER,
    settled_lived INTEGER,
    CONSTRAINT print_job_state CHECK (state IN ('waiting', 'printed', 'given_up')),
    CONSTRAINT print_job_told CHECK (told IN (0, 1)),
    CONSTRAINT print_job_counts CHECK (doubts BETWEEN 0 AND attempts AND age >= 0),
    CONSTRAINT print_job_keeps_its_content_while_it_waits CHECK ((state = 'waiting') = (content IS NOT NULL)),
    CONSTRAINT print_job_settled_at CHECK (
        (state = 'waiting') = (settled_at IS NULL) AND (state = 'waiting') = (settled_lived IS NULL)
    )
) STRICT;

-- The oldest job of a printer, and how many wait for it.
CREATE INDEX print_job_waiting ON print_job (printer, number) WHERE state = 'waiting';
-- What may be cleared out.
CREATE INDEX print_job_settled ON print_job (settled_lived) WHERE state <> 'waiting';
-- When a printer printed last.
CREATE INDEX print_job_printed ON print_job (printer, settled_at) WHERE state = 'printed';
-- Whether something was asked for before.
CREATE INDEX print_job_about ON print_job (about, printer) WHERE state <> 'given_up';
-- Whether a printer tells its status.
CREATE INDEX print_job_told ON print_job (printer) WHERE told = 1;

CREATE TRIGGER print_job_is_settled_once BEFORE UPDATE ON print_job WHEN OLD.state <> 'waiting'
BEGIN
    SELECT RAISE(ABORT, 'a print job that is settled cannot be changed');
END;
