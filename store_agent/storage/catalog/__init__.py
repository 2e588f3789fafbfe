"""The catalog, in a file of its own beside the books.

Constraints first: 200,000 items with their index, written through the store's one writer, would make sales wait. So
`build` makes a new file on a thread of its own, and `store_agent.storage.swapped` changes over to it: who asks sees the
old or the new catalog, never a mix. `file` answers; `entries` turns rows into items and back.
"""
