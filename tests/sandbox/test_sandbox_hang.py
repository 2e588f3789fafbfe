"""The fault that never answers, until it is cleared or the client leaves."""

import asyncio

import httpx
import pytest


async def test_a_hanging_request_is_answered_when_the_fault_is_cleared(server, till):
    server.set_faults(["hang"])

    async with httpx.AsyncClient(base_url=server.url, auth=("sandbox-key", "sandbox-secret")) as client:
        container = till.container({"transaction_id": "A1"})
        request = asyncio.create_task(client.post("/api/2.0/send_transaction", json=container))
        await asyncio.to_thread(server.wait_for, lambda totals: totals["requests_hanging"] == 1)
        assert server.totals()["requests_processed"] == 0
        assert not request.done()

        server.set_faults([])

        assert (await request).status_code == 200
    assert server.totals() | {"requests_hanging": 0, "requests_failed_by_fault": 0} == server.totals()


async def test_adding_a_fault_does_not_free_a_hanging_request(server, till):
    server.set_faults(["hang:count=1"])

    async with httpx.AsyncClient(base_url=server.url, auth=("sandbox-key", "sandbox-secret")) as client:
        container = till.container({"transaction_id": "A1"})
        request = asyncio.create_task(client.post("/api/2.0/send_transaction", json=container))
        await asyncio.to_thread(server.wait_for, lambda totals: totals["requests_hanging"] == 1)
        await client.post("/sandbox/faults", json={"kind": "slow", "ms": 1})
        assert (await client.post("/api/2.0/send_transaction", json=till.container({}))).status_code == 400
        assert server.totals()["requests_hanging"] == 1

        await client.delete("/sandbox/faults")

        assert (await request).status_code == 200


def test_a_hanging_request_whose_client_leaves_is_never_processed(server, till):
    server.set_faults(["hang"])

    with pytest.raises(httpx.ReadTimeout):
        till.client.post("/api/2.0/send_transaction", json=till.container({"transaction_id": "A1"}), timeout=0.05)

    server.wait_for(lambda totals: totals["requests_failed_by_fault"] == 1)
    assert server.account()["requests"][0]["processed"] is False


async def test_an_account_forgotten_while_a_request_hangs_still_takes_it(server, till):
    server.set_faults(["hang"])

    async with httpx.AsyncClient(base_url=server.url, auth=("sandbox-key", "sandbox-secret")) as client:
        container = till.container({"transaction_id": "A1"}, "r1")
        request = asyncio.create_task(client.post("/api/2.0/send_transaction", json=container))
        await asyncio.to_thread(server.wait_for, lambda totals: totals["requests_hanging"] == 1)
        server.forget()
        server.set_faults([])
        await request

    account = server.account()
    assert account["transactions"]["A1"][0]["request_id"] == "r1"
    assert account["requests"][0]["processed"] is True
