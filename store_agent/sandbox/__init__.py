"""The stand-in platform: a loyalty platform on this machine, for demo, training and tests.

Constraints. It speaks real HTTP on loopback only. It shares no code with the outbox, the drain or the local API, so
that its account of what arrived is an independent check on them. It forgets everything when it stops. It takes no real
card, no real guest and no real money. What it does wrong, it does on demand: a fault is data, given on the command line
or put through `/sandbox/faults`.

Flow of a POS request (its desk is `pos_desk`)::

    door      headers in; a `down` fault breaks the line here; then the body, up to a limit
    ask       who asks (credentials), what (the container) and the exact text of each transaction
    account   notes the arrival, before any fault, so that changed bytes under one request_id show
    faults    in the order given; `slow` adds latency and goes on, the first other that hits decides
    platform  each request_id is processed once, and its answer repeated ever after
    account   notes what was accepted, in order
    door      the answer goes out, or the line breaks

A relayed call goes the same way, from `relay` by the table in `routes` to a handler in `core` or `connect`; its account
is `calls`. Both kinds act on one `world`: members, cards, points and offers.

Contracts come from the public documents ("SessionM POS API", "Core Loyalty APIs") and from recorded traffic where that
differs or is all there is. What neither shows is invented, and small.
"""
