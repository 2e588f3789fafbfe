"""The composition root: puts the parts together from a configuration, starts and stops them.

One rule for ending: on SIGTERM or SIGINT the API stops taking sales and answers those in hand, the drain writes down
the answers at hand, the database closes. A part that dies takes the agent with it, so that systemd starts it anew.
"""
