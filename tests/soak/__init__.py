"""A store for an hour: days of a minute or two, with every fault in turn, against the real agent process.

`plan` draws the days by a seed. `run` lives them: lanes sell and keep what they were answered, a manager repairs the
queue, faults of the line (`lines`) and of the machine (`machines`) come and go. At the end of each day everything is
mended, and once nothing is on its way any more, the `ledger` is held against what the sandbox took. `gauge` watches
what the process and its files grow to. Nothing may be lost or doubled, and nothing may grow from day to day.
"""
