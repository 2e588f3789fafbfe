"""What an agent is killed in: a sale, a drain, a migration; each of its syncs is a point."""

import shutil

from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import FILE_NAME
from tests.power.kills import Kills
from tests.power.old_store import OldStore
from tests.power.till import Receipt, Till
from tests.power.traced import TracedAgent
from tests.support.sales import sale

BATCH_SALES = 23
OLD_SALES = 60
RUSH_SALES = 100


def sell_one(till: Till, traced: TracedAgent, platform: SandboxServer) -> None:
    """One sale with its receipt code, which goes out live."""
    till.sell(sale("T-1"))
    traced.agent.wait_for_outbox(delivered=1)


def drain(till: Till, traced: TracedAgent, platform: SandboxServer) -> None:
    """Sales of an outage, which go out in batches when the platform is back."""
    platform.stop()
    try:
        till.sell(sale("T-0"))
        till.sell_together(sale(f"T-{number}") for number in range(1, BATCH_SALES))
    finally:
        platform.start()
    traced.agent.wait_for_outbox(delivered=BATCH_SALES)


def rush(till: Till, traced: TracedAgent, platform: SandboxServer) -> None:
    """Sales of an outage, one after the other, without a look at what becomes of them."""
    platform.stop()
    try:
        for number in range(RUSH_SALES):
            till.sell(sale(f"T-{number}"))
    finally:
        platform.start()


def migration(traced: TracedAgent, platform: SandboxServer) -> Kills:
    """Begin with a filled database of an older schema, which the start migrates; then what waits is sent."""
    shutil.rmtree(traced.data)
    old = OldStore(traced.data / FILE_NAME, OLD_SALES, traced.agent.token)
    traced.take_as_template()
    numbers = [sequence for batch in old.arrived for sequence in batch.members]
    arrived = frozenset(old.sales[number - 1][1].transaction_id for number in numbers)

    def make_till() -> Till:
        return _knowing(old, Till(traced.agent, platform))

    return Kills(traced, platform, _wait_for_all, make_till=make_till, elsewhere=arrived, from_start=True)


def _wait_for_all(till: Till, traced: TracedAgent, platform: SandboxServer) -> None:
    traced.agent.wait_for_outbox(waiting=0, frozen=0)


def _knowing(old: OldStore, till: Till) -> Till:
    """Give the till the receipts of the old store."""
    for arrival, accepted in old.sales:
        codes = tuple(code.code for code in accepted.codes)
        till.texts[accepted.transaction_id] = arrival.sale.text
        till.receipts[accepted.transaction_id] = Receipt(accepted.digest.hex(), codes)
    return till
