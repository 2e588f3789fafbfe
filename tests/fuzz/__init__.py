"""Fuzzed requests by the million against a real agent: no internal error, no crash, memory flat."""
