"""A bare httpx client that posts batches as fast as the line allows: the baseline of `drain`.

As a program (URL SALES CONCURRENCY) it sends bodies like the agent's, made beforehand, and prints the processor time.
"""

import asyncio
import json
import sys
import time
from uuid import uuid4

import httpx
import uvloop

from benchmarks.carts import CartMaker
from benchmarks.load import CLOSED_AT, SALE_BYTES, new_lane
from store_agent.cloud.sessionm.wire import assemble
from store_agent.domain.batch import BATCH_MAX, Member
from store_agent.domain.container import Identity
from store_agent.sandbox.sales import sale_text

_CREDENTIALS = ("sandbox-key", "sandbox-secret")


def batches(sales: int) -> list[bytes]:
    """Make the requests for new sales."""
    maker = CartMaker(new_lane(), SALE_BYTES)
    members = [Member("", _payload(maker)) for _ in range(sales)]
    return [
        assemble(members[start : start + BATCH_MAX], Identity("1", "c"), None, lambda: str(uuid4())).body
        for start in range(0, sales, BATCH_MAX)
    ]


def _payload(maker: CartMaker) -> bytes:
    """Make a sale with the code that the agent adds."""
    sale = {**maker.make(CLOSED_AT), "guest_receipt_code": str(uuid4())}
    return sale_text(sale).encode()


async def post(url: str, bodies: list[bytes], concurrency: int) -> None:
    """Post all bodies, `concurrency` at a time."""
    todo = iter(bodies)
    limits = httpx.Limits(max_connections=concurrency)
    headers = {"Content-Type": "application/json"}
    async with httpx.AsyncClient(auth=_CREDENTIALS, headers=headers, limits=limits, trust_env=False) as client:

        async def lane() -> None:
            for body in todo:
                answer = await client.post(f"{url}/api/2.0/send_batch_transaction", content=body)
                answer.raise_for_status()
                assert answer.json()["status"] == "OK"

        async with asyncio.TaskGroup() as tasks:
            for _ in range(concurrency):
                tasks.create_task(lane())


if __name__ == "__main__":
    prepared = batches(int(sys.argv[2]))
    begin = time.process_time()
    uvloop.run(post(sys.argv[1], prepared, int(sys.argv[3])))
    print(json.dumps({"cpu_seconds": time.process_time() - begin}))
