"""The way of revisions to the platform: claim, freeze, send, settle.

Constraints. A request is committed before its first byte leaves and stays the same until a definite answer (G3).
What is in flight is bounded by `concurrency` and one more for new sales (G10); what is frozen ahead of it by as much
again, so that the line never waits for the disk; what rests on its own account by RESTING_MAX. While the line is down
one request at a time tries it. Nothing here decides: `domain.settle` and `domain.link` do, storage and platform are
seams (`seams`).
"""
