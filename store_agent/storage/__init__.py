"""The only door to SQLite: what the agent must not forget.

Constraints first. A sale is committed with `synchronous=FULL` before anyone hears of it (G1). There is one writing
connection, and all writes that wait at a moment share one commit, since the sync is what costs. Reading happens on
connections of its own and never waits for a writer (WAL). The schema refuses what the code must not do.

Flow: `database` opens the directory (`lock`, `migrate`), `writer` runs units of work in groups, `outbox` and
`terminals` are the nouns on top. SQL stands in `queries/*.sql`, loaded by `queries`; `sqlite` is the one place
that names the library.
"""
