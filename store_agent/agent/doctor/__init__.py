"""`store-agent doctor`: looks at everything the agent stands on, and says what it means and how to cure it.

Constraints first. A finding never stops the next one: a broken configuration, a dead disk or a silent line are what
the doctor is there for. No check hangs: each runs on a thread of its own that is left behind when its time is over.
Nothing is changed, but for one small file that is written and deleted to see whether the disk takes it. Secrets never
come into words: neither values of the configuration nor addresses with user names in them.

Flow: `subject` reads the configuration as far as it can be read, `examination` runs the checks, each of which is a
function in the file of its area and gives findings (`finding`).
"""
