"""Relayed calls pass through; without a line they are refused, remembered, or made later, as the table says."""

from typing import Any

import pytest

from store_agent.domain.batch import BatchLimits
from store_agent.domain.counter_answer import NotDone, Passed
from store_agent.domain.outcome import Refused
from store_agent.domain.reply import Reply
from store_agent.domain.roles import Role
from store_agent.domain.settle import Deliver
from store_agent.errors import BadInput, DiskFull, StorageFailure
from store_agent.gateway.breaker import REST_SECONDS
from tests.gateway.counter import Till, told
from tests.gateway.far import BROKE, DOWN, PORTAL, SILENT, good, refused
from tests.support.queued import assemble

PRIV = "/priv/v1/apps/any"
CARD, OFFERS, GUEST = f"{PRIV}/loyalty_cards/4711", f"{PRIV}/users/7/offers", f"{PRIV}/users/7"
REFERRALS, LINKS = f"{PRIV}/users/7/referrals", f"{PRIV}/external/users/7/loyalty_links"
SPEND = "/incentives/api/2.0/user_points/spend_multiple"
BALANCE = "/incentives/api/2.0/user_points/balance"
OK = b'{"status": "ok", "n": 1.10}'


@pytest.mark.parametrize("reply", [good(OK), refused(b'{"status": "error"}')])
async def test_the_platform_s_answer_passes_to_the_byte_G7(till: Till, reply: Reply) -> None:
    till.answers(reply)
    assert await till.relay("PUT", GUEST, b'{ "a" : 1.10 }') == Passed(reply.status, reply.body)
    ((target, request_id, body),) = till.platform.relayed
    assert (target.endpoint, body) == ("PUT core /priv/v1/apps/{app}/users/7", b'{ "a" : 1.10 }')
    assert request_id == "request-1"


async def test_what_the_table_does_not_have_is_not_there(till: Till) -> None:
    for path in ("/priv/v1/apps/any/everything", "/priv/v1/apps/any/users/7%2F..", "/x"):
        answer = await till.relay("GET", path, role=Role.MANAGER)
        assert isinstance(answer, NotDone)
        assert (answer.status, till.platform.relayed) == (404, [])


async def test_what_is_the_manager_s_is_not_the_cashier_s_G15(till: Till) -> None:
    till.answers(good(OK))
    for path in (f"{PRIV}/users/search_users", f"{PRIV}/users/search%5Fusers", f"{PRIV}/users/7/privacy"):
        answer = await till.relay("GET", path)
        assert isinstance(answer, NotDone)
        assert (answer.status, till.platform.relayed) == (403, [])
        assert told(await till.relay("GET", path, role=Role.MANAGER)) == "passed 200"
        till.platform.relayed.clear()


@pytest.mark.parametrize("path", [CARD, OFFERS])
async def test_what_is_remembered_is_given_as_it_was_with_its_age(till: Till, path: str) -> None:
    till.answers(good(OK))
    await till.relay("GET", path)
    till.clock.let_pass(100)
    till.answers(DOWN)
    assert await till.relay("GET", path) == Passed(200, OK, {"Age": "100"})
    assert told(await till.relay("GET", path.replace("7", "8"))) == "offline"
    till.clock.let_pass(3_600)
    assert told(await till.relay("GET", path)) == "offline"


async def test_a_refusal_is_not_remembered(till: Till) -> None:
    till.answers(good(OK))
    await till.relay("GET", CARD)
    till.answers(refused(b'{"status": "error"}'))
    assert told(await till.relay("GET", CARD)) == "passed 400"
    till.answers(DOWN)
    assert told(await till.relay("GET", CARD)) == "remembered"


async def test_a_memory_that_fails_keeps_no_answer_back_G13(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> None:
        raise StorageFailure("The disk is full.")

    monkeypatch.setattr(till.memory, "keep", fails)
    till.answers(good(OK))
    assert told(await till.relay("GET", CARD)) == "passed 200"


@pytest.mark.parametrize("path", [REFERRALS, LINKS])
@pytest.mark.parametrize("reply", [DOWN, SILENT, PORTAL])
async def test_what_is_deferred_waits_in_the_outbox_G2(till: Till, path: str, reply: Reply) -> None:
    till.answers(reply)
    assert told(await till.relay("POST", path, b'{"a": 1.10}')) == "queued"
    ((sequence, call, state),) = await till.queued()
    assert call == f"POST core {path.replace('any', '{app}')}"
    assert state == ("frozen" if reply.sent else "waiting")
    assert (till.line.adopted or till.line.woken) == [sequence]


async def test_what_may_have_arrived_goes_again_under_its_request_id_to_the_byte_G3(till: Till) -> None:
    till.answers(SILENT)
    await till.relay("POST", REFERRALS, b'{ "a": 1.10 }')
    (batch,) = await till.outbox.unsettled()
    ((_, request_id, body),) = till.platform.relayed
    assert (batch.request_id, await till.outbox.body(batch.number)) == (request_id, body)


async def test_the_same_again_while_it_waits_is_not_made_twice_G9(till: Till) -> None:
    till.answers(DOWN)
    first = await till.relay("POST", REFERRALS, b"{}")
    till.clock.let_pass(REST_SECONDS)
    till.answers(good(OK))
    asked = len(till.platform.relayed)
    assert await till.relay("POST", REFERRALS, b"{}") == first
    assert told(await till.relay("POST", REFERRALS, b'{"another": 1}')) == "queued"
    assert (len(await till.queued()), len(till.platform.relayed)) == (2, asked)
    for _ in range(2):
        (batch,) = await till.outbox.freeze(9, BatchLimits(), assemble)
        await till.outbox.settle(batch, Deliver(""), assemble)
    assert told(await till.relay("POST", REFERRALS, b"{}")) == "passed 200"


@pytest.mark.parametrize("body", [b"", b"[]", b"x", b"\xff", b'{"a": NaN}'])
async def test_what_no_platform_could_read_is_not_kept_for_later(till: Till, body: bytes) -> None:
    till.answers(DOWN)
    with pytest.raises(BadInput):
        await till.relay("POST", REFERRALS, body)
    assert await till.queued() == []


async def test_without_room_nothing_is_promised_G12(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(till.room, "admit", lambda _: False)
    till.answers(DOWN)
    with pytest.raises(DiskFull):
        await till.relay("POST", REFERRALS, b"{}")


@pytest.mark.parametrize(
    ("method", "path", "reply", "code"),
    [
        ("GET", GUEST, DOWN, "offline"),
        ("GET", GUEST, SILENT, "offline"),
        ("GET", GUEST, PORTAL, "bad_answer"),
        ("POST", BALANCE, SILENT, "offline"),
        ("POST", SPEND, DOWN, "offline"),
        ("POST", SPEND, SILENT, "unknown"),
        ("POST", SPEND, BROKE, "unknown"),
    ],
)
async def test_what_cannot_wait_is_refused_honestly(
    till: Till, method: str, path: str, reply: Reply, code: str
) -> None:
    till.answers(reply)
    assert told(await till.relay(method, path, b"{}")) == code
    assert await till.queued() == []


async def test_what_must_not_be_done_twice_is_sent_once_G9(till: Till) -> None:
    till.answers(BROKE, good(OK))
    await till.relay("POST", SPEND, b"{}")
    assert len(till.platform.relayed) == 1
    till.answers(BROKE, good(OK))
    assert told(await till.relay("POST", BALANCE, b"{}")) == "passed 200"


async def test_an_upstream_that_is_down_is_down_alone(till: Till) -> None:
    till.answers(DOWN)
    await till.relay("GET", GUEST)
    asked = len(till.platform.relayed)
    assert told(await till.relay("GET", GUEST)) == "offline"
    assert len(till.platform.relayed) == asked
    till.answers(good(OK))
    assert told(await till.relay("POST", BALANCE, b"{}")) == "passed 200"
    assert told(await till.lookup()) == "passed 200"
    assert till.line.heard == []


async def test_an_upstream_without_access_says_so(till: Till) -> None:
    till.answers(Reply(Refused("This store has no access to it."), sent=False))
    answer = await till.relay("POST", REFERRALS, b"{}")
    assert isinstance(answer, NotDone)
    assert (answer.code, await till.queued()) == ("not_configured", [])
