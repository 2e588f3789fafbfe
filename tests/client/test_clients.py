"""Both clients over real HTTP, against a counter that answers as told."""

import asyncio
import gzip
import socket
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from store_agent.client import AgentProblem, AsyncAgentClient, NotNow, Offline, OutcomeUnknown, Timeouts
from store_agent.client.kept import KeptSales
from store_agent.client.wire import ANSWER_BYTES_MAX
from tests.client.conftest import Speak
from tests.client.counter import Counter
from tests.support.agent import free_port

SALE = {"transaction_id": "T-1", "subtotal": Decimal("9.50")}
OFFER = {"reference_id": "O-1", "status": "OFFLINE", "display_name": "$5", "amount": 5}
TAKEN = {"transaction": {"id": "T-1"}, "sequence": 1, "delivery": "live", "receipts": [], "warnings": []}
QUEUED = {"delivery": "queued", "sequence": 17}
CARD = {"number": "80", "user": {"id": "U-1"}}

PAYLOADS = {
    "send_transaction": (lambda client: client.send_transaction(SALE), TAKEN),
    "send_batch_transaction": (lambda client: client.send_transactions([SALE]), {"transactions": [TAKEN]}),
    "lookup": (lambda client: client.lookup(phone="5"), []),
    "lock": (lambda client: client.lock(SALE, user_offer_id="O-1"), OFFER),
    "redeem": (lambda client: client.redeem(SALE, ttl_code="1"), OFFER),
    "unlock": (lambda client: client.unlock("O-1", "1000"), QUEUED),
    "reinstate": (lambda client: client.reinstate("O-1", "1000"), QUEUED),
    "upload_catalog": (lambda client: client.upload_catalog([]), None),
    "upload_employees": (lambda client: client.upload_employees([]), None),
}


@pytest.mark.parametrize("endpoint", PAYLOADS)
def test_every_call_goes_out_and_comes_back(counter: Counter, speak: Speak, endpoint: str) -> None:
    call, payload = PAYLOADS[endpoint]
    counter.answer({"status": "OK", "payload": payload, "errors": None})
    assert speak(counter.url, call) is not None
    (asked,) = counter.asked
    assert (asked.method, asked.path) == ("POST", f"/api/2.0/{endpoint}")
    assert asked.headers["Authorization"].startswith("Basic ")
    assert asked.headers["Content-Type"] == "application/json"


def test_calls_without_a_body(counter: Counter, speak: Speak) -> None:
    counter.answer({"status": "ok", "loyalty_card": CARD}).answer({"status": "OK", "payload": {"words": ["Online."]}})
    assert speak(counter.url, lambda client: client.scan_card("80")).user_id == "U-1"
    assert speak(counter.url, lambda client: client.status()).words == ("Online.",)
    assert [(asked.method, asked.path) for asked in counter.asked] == [
        ("GET", "/priv/v1/apps/-/loyalty_cards/80"),
        ("GET", "/v1/status"),
    ]


def test_an_offline_lookup_and_an_offline_lock(counter: Counter, speak: Speak) -> None:
    counter.refuse(503, "offline").answer({"status": "OK", "payload": OFFER, "errors": None})
    with pytest.raises(Offline):
        speak(counter.url, lambda client: client.lookup(phone="5"))
    assert speak(counter.url, lambda client: client.lock(SALE, user_offer_id="O-1")).offline


def test_an_unknown_outcome_is_cleared_by_the_same_call_again(counter: Counter, speak: Speak) -> None:
    locked = OFFER | {"status": "LOCKED"}
    counter.refuse(503, "unknown").break_off().answer({"status": "OK", "payload": locked, "errors": None})
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            speak(counter.url, lambda client: client.lock(SALE, user_offer_id="O-1"))
    assert not speak(counter.url, lambda client: client.lock(SALE, user_offer_id="O-1")).offline
    assert len({asked.body for asked in counter.asked}) == 1


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (lambda client: client.lookup(phone="5"), NotNow),
        (lambda client: client.send_transaction(SALE), OutcomeUnknown),
    ],
)
def test_a_lost_answer_leaves_a_doubt_only_where_something_may_have_happened(
    counter: Counter, speak: Speak, talk: Any, expected: type[AgentProblem]
) -> None:
    counter.break_off()
    with pytest.raises(AgentProblem) as caught:
        speak(counter.url, talk)
    assert (type(caught.value), caught.value.code) == (expected, "no_answer")


def test_no_agent_means_that_nothing_happened(speak: Speak) -> None:
    with pytest.raises(NotNow) as caught:
        speak(f"http://127.0.0.1:{free_port()}", lambda client: client.send_transaction(SALE))
    assert caught.value.code == "no_connection"


def test_an_agent_that_does_not_answer_in_time_leaves_a_doubt(speak: Speak) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url, soon = f"http://127.0.0.1:{deaf.getsockname()[1]}", Timeouts(counter_seconds=0.05)
        with pytest.raises(OutcomeUnknown):
            speak(url, lambda client: client.lock(SALE, ttl_code="1"), timeouts=soon)


def test_an_answer_too_large_to_be_the_agent_s_is_not_read_to_its_end(counter: Counter, speak: Speak) -> None:
    bomb = gzip.compress(b" " * (ANSWER_BYTES_MAX + 1))
    counter.answer(bomb, 200, Content_Encoding="gzip").answer(b" " * (ANSWER_BYTES_MAX + 1))
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="larger than"):
            speak(counter.url, lambda client: client.send_transaction(SALE))


def test_redirects_and_proxies_are_not_followed(
    counter: Counter, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    counter.answer({}, 302, Location="http://127.0.0.1/elsewhere")
    with pytest.raises(AgentProblem):
        speak(counter.url, lambda client: client.status())
    assert len(counter.asked) == 1


def test_keeping_without_a_directory_is_a_mistake_of_the_plugin(counter: Counter, speak: Speak) -> None:
    with pytest.raises(ValueError, match="kept_in"):
        speak(counter.url, lambda client: client.keep(SALE))


def test_a_cancelled_flush_leaves_its_turn_to_others(counter: Counter, tmp_path: Path) -> None:
    counter.answer({"status": "OK", "payload": TAKEN, "errors": None})

    async def cancelled() -> None:
        kept = tmp_path / "kept"
        async with AsyncAgentClient(counter.url, "lane-1", "token", kept_in=kept) as client:
            await client.keep(SALE)
            with KeptSales(kept, sales_max=9, turn_seconds=0).flush_turn():
                waiting = asyncio.create_task(client.flush())
                await asyncio.sleep(0)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            assert (await client.flush()).left == 0

    asyncio.run(cancelled())
