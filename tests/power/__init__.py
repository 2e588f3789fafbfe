"""What a store machine does to its disk: power cuts, kills at every sync, and input/output errors.

Four ways, from the finest to the most real. `recording` runs the product's own units of work over an apsw VFS that
notes every write and sync, and makes of each moment the disks that a power cut can leave (`image`). `ext4` cuts a real
file system under the real agent. `traced` kills the real agent at each of its syncs, or lets system calls fail.
What was answered at the tills is kept outside (`ledger`, `tills`) and compared with what the product then says.

`python -m tests.power` tries many more points than the test suite does, and prints a table.
"""
