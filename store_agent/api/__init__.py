"""The localhost HTTP server that POS plugins, managers' tools and screens talk to (DESIGN, section 6).

Constraints. Every route checks the Host and refuses other web sites (`sites`), every route but `/healthz` and
`/openapi.json` wants a known caller (`door`). Connections, bodies, heads, waits and paces are bounded (`connections`,
`limits`, `protocol`, `rates`). An answer to a sale leaves only after the sale is committed (G1).

Flow: `server`, `handshakes` and `unix_socket` listen, `door` lets in (`callers`, `peers`, `failures`), `ingest` takes
sales on two plain routes, everything else is FastAPI (`app`): `me`, `status`, `outbox` to look and `repair` to change
(done by `mender`, in parts), `audit`, `day`, `events` (out of the `hub`), `terminals`. What people change is the
manager's (`roles`) and names its person (`asked`). `answers` is the platform's container, `shapes` say what is in it;
`contract` makes `/openapi.json` of them with `refusals` and `drop_in`. `seams` is what is needed of others.
"""
