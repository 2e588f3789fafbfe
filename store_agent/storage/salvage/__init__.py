"""Saves what can be read of a damaged database into a fresh one (G13).

Constraints: nothing of the damaged files is changed; no sale disappears without a word and none that the platform may
have goes out under a new request; memory does not grow with the database; a crash at any point is made good at the next
start.

Flow: `course` moves the files aside and puts the fresh database in their place. In between `pages` reads the file and
its journal (`wal`) page by page, `records` the rows in them, `shapes` and `finds` tell which row of which table each
is; `tables` and `sales` fill the fresh database by the `rules`, `books` makes its sums fit, `report` says what became
of everything.
"""
