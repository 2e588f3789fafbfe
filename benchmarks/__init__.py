"""Measures the agent against baselines of the same run; see `python -m benchmarks --help`.

Machines are shared and noisy: subject and baseline alternate within each round, and what counts is the median of the
rounds and the ratio of the two. Everything listens on loopback.
"""
