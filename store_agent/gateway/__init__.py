"""Calls that need the platform now, while a guest waits (DESIGN, section 6).

Each is forwarded within a deadline. Where the platform cannot be reached the answer comes at once and is honest: that
it is so, what is remembered, or that it is done later. `lookup`, `offers`, `giving_back` are the calls of the POS API,
`relay` all others by the table in `table`, `tidying` what cashiers forget.
"""
