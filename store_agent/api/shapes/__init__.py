"""What the payloads of answers look like, by noun, for `/openapi.json`.

Constraints. Routes make their answers as plain values and nothing validates them on the way out; the shapes describe
them for readers, and the contract tests hold the answers of a running agent to them. What the agent alone makes is
closed: a field that is not described is a mistake. Sequences and counts are numbers without a unit; amounts are text,
decimal, in the store's currency.

Flow: a route names its shape in its decorator (`container.answered`), FastAPI and `contract` write the document.
"""
