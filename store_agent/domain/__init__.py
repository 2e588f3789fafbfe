"""The rules of the agent, pure: what is true of sales, batches, answers and the line.

Nothing here reads a clock, a file, a socket or a random number; time and chance are arguments.
The words are those of DESIGN, section 1. The way through: `container` and `transaction` read what
a POS sent, `receipts` gives codes, `lifecycle` says which moves exist, `batch` plans requests,
`outcome` names what a platform can answer, `settle` turns that into moves, `link` and `backoff`
say when to try again.
"""
