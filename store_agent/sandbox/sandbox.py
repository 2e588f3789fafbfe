"""One running sandbox: what it was told, what it knows and what goes wrong."""

import asyncio
from collections.abc import Callable

from store_agent.clock import SystemClock
from store_agent.sandbox.account import Account
from store_agent.sandbox.faults import Faults
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.platform import Platform


def _ignore() -> None:
    """Nobody watches."""


class Sandbox:
    """Belongs to the thread of its server. `changed` is called after every change of the account."""

    def __init__(self, options: SandboxOptions, changed: Callable[[], None] = _ignore) -> None:
        self.options = options
        self.account = Account(keep_bodies=options.keep_bodies, changed=changed)
        self.clock = SystemClock()
        self.platform = Platform(batch_max=options.batch_max, clock=self.clock, account=self.account)
        self.faults = Faults(options.faults, options.seed)
        self.stopping = asyncio.Event()

    def reopen(self) -> None:
        """Prepare for another event loop after a stop; accounts and faults stay."""
        self.stopping = asyncio.Event()
        self.faults.replace(self.faults.listing())
