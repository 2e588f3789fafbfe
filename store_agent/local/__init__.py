"""Asking the agent that runs on this machine, for the commands and the manager's screen alike.

Nothing here opens the database: whoever asks knows what a plugin could know, and needs the credentials of one
(`credentials`). `address` finds the way to the agent, `agent` calls it, `events` follows what happens.
"""
