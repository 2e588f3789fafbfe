"""The whole drain and storage under virtual time: a seed decides everything that happens, and can be run again.

Real: storage with its SQLite, the rules, the drain, the SessionM adapter. Simulated: time (`loop`, `clock`), the thread
and the disk under SQLite (`disk`), the line (`network`) and the platform behind it (`platform`). A `plan` drawn from a
seed says which tills sell what, which faults strike when, when the agent crashes, the clock jumps and the manager
acts; `world` runs it, and `checks` compares what the tills were told, what the platform accepted and what the database
says. Only `agent` knows how the product is put together.

Run it with `make simulate SEEDS=1000`, or one seed with `python -m tests.simulation --seed 7 --trace`.
"""
