"""Chores that keep the database small, sound and copied: one a file, done once by `run_once()`."""
