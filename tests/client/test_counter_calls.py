"""The calls at the counter with a real agent and the sandbox: a guest's visit while the line comes and goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_agent.client import AgentClient, Offline, Refused
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.client.test_agent import PATIENT, sale
from tests.conftest import MakeAgent

PHONE, CARD, CODE = "5550100001", "8000000000010001", "410002"
OFFER, ANOTHER = "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001", "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0002"


@pytest.fixture
def client(make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path) -> Iterator[AgentClient]:
    options = SandboxOptions()
    core = {"base_url": platform.url, "key": options.app_key, "secret": options.app_secret}
    gateway = {"offline_offers": "allow_remembered"}
    agent = make_agent(platform.url, gateway=gateway, **{"cloud.core": core}).start()
    with AgentClient(agent.url, "lane-1", agent.token, kept_in=tmp_path / "kept", timeouts=PATIENT) as made:
        yield made


def test_a_visit_while_the_line_is_up(client: AgentClient) -> None:
    (guest,) = client.lookup(phone=PHONE, transaction=sale()).users
    assert (guest.first_name, guest.offers[0].reference_id, len(guest.point_accounts)) == ("Nora", OFFER, 2)
    locked = client.lock(sale(), user_offer_id=OFFER)
    assert (locked.discount.status, locked.offline) == ("LOCKED", False)
    assert client.lock(sale(), user_offer_id=OFFER) == locked
    assert not client.unlock(OFFER, "1000").queued
    redeemed = client.redeem(sale(), ttl_code=CODE)
    assert redeemed.discount.status == "REDEEMED"
    assert not client.reinstate(redeemed.discount.reference_id, "1000").queued
    assert client.scan_card(CARD).user_id == guest.user_id
    with pytest.raises(Refused) as caught:
        client.scan_card("no-such-card")
    assert caught.value.code == "unknown_loyalty_card"


def test_a_visit_while_the_line_is_cut(client: AgentClient, platform: SandboxServer) -> None:
    (guest,) = client.lookup(phone=PHONE, transaction=sale()).users
    client.scan_card(CARD)
    client.lock(sale(), user_offer_id=OFFER)
    platform.stop()
    with pytest.raises(Offline):
        client.lookup(email="nora@example.com")
    remembered = client.lookup(phone=PHONE, transaction=sale("T-2"), allow_remembered=True)
    assert remembered.remembered is not None
    assert [user.user_id for user in remembered.users] == [guest.user_id]
    assert client.scan_card(CARD).remembered is not None
    assert client.unlock(OFFER, "1000").queued
    applied = client.lock(sale("T-2"), user_offer_id=ANOTHER)
    assert (applied.offline, applied.discount.status) == (True, "OFFLINE")
    with pytest.raises(Refused) as caught:
        client.lock(sale("T-3"), user_offer_id=ANOTHER)
    assert (caught.value.code, caught.value.status) == ("offline_limit", 409)
    assert client.send_transaction(sale("T-2", discounts=[applied.discount.raw])).queued
