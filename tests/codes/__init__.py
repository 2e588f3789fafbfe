"""Receipt codes in large numbers: unique and stable while the agent is killed again and again (G8).

python -m tests.codes --codes 100000 --seed 1
"""
