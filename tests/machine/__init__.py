"""The package on a real Debian machine, booted in a container: `make machine-test` does all of it and prints a table.

The machine's disk is an ext4 of its own, whose power can be cut. Machine, tills and platform share one network that
leads nowhere else, so that the platform and its account outlive the machine.
"""
