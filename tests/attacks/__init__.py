"""Attacks on a real agent, one file a kind: how each is tried, what is answered, whether the agent held."""
