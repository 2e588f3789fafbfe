"""The only way off the machine: HTTP out, and the shapes of each platform on top of it.

Nothing here queues, retries or sleeps; a call ends in one outcome (`domain.outcome`) within its deadline.
`transport` is the one import of httpx; a platform is a package beside `sessionm` with the same two methods.
"""
