"""A guest's whole visit, with the line cut at each step: the offer ends where it belongs, and is consumed once."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import COMMAND, AgentProcess
from tests.support.sales import sale

GUEST = GUESTS[0]
OFFER = GUEST.offers[0].offer_id

LOSE_LOCKS = ["drop_after:path=/api/2.0/lock"]
LOSE_SALES = ["drop_after:count=2,path=/api/2.0/send_"]


def forgetting(bug: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.support.forgetful_agent", bug)


class Till:
    """A POS plugin: it asks again where it must, and goes on without an offer where it gets none."""

    def __init__(self, agent: AgentProcess) -> None:
        self.agent = agent
        self.open = sale("V-1", is_closed=False, payments=[])

    def call(self, name: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = self.agent.post(name, json.dumps({"request_payload": payload, "allow_remembered": True}))
        return answer.status_code, answer.json()

    def lookup(self) -> int:
        return self.call("lookup", {"user_id": GUEST.user_id, "transaction": self.open})[0]

    def lock(self) -> dict[str, Any] | None:
        asked = {"offer_lookup_code": OFFER, "offer_lookup_type": "UserOfferId", "transaction": self.open}
        status, answer = self.call("lock", asked)
        if status == 503 and answer["errors"]["code"] == "unknown":
            status, answer = self.call("lock", asked)
        return answer["payload"] if status == 200 else None

    def close(self, discount: dict[str, Any] | None) -> list[str]:
        cut = discount["amount"] if discount else 0
        discounts = [discount] if discount else []
        answer = self.agent.send(self.open | {"is_closed": True, "subtotal": 10 - cut, "discounts": discounts})
        assert answer.status_code == 200, answer.text
        return [warning["code"] for warning in answer.json()["payload"]["warnings"]]

    def void(self) -> None:
        assert self.agent.send(self.open | {"is_voided": True}).status_code == 200


@pytest.fixture(params=["refuse", "allow_remembered"])
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def till(make_agent: MakeAgent, platform: SandboxServer, policy: str) -> Till:
    gateway = {"offline_offers": policy, "deadline_seconds": 1.0}
    return Till(make_agent(platform.url, gateway=gateway).start())


def settled(till: Till, platform: SandboxServer, *, delivered: int) -> dict[str, Any]:
    """Wait until nothing is left to send; gives the offer as the platform has it."""
    till.agent.wait_for_outbox(delivered=delivered, waiting=0, frozen=0, parked=0)
    return platform.offer(OFFER)


def test_online_the_offer_is_consumed_once(till: Till, platform: SandboxServer) -> None:
    till.lookup()
    assert till.close(till.lock()) == []
    assert settled(till, platform, delivered=1) == {"status": "REDEEMED", "by": "V-1", "times_redeemed": 1}


def test_cut_before_the_lookup_there_is_no_offer(till: Till, platform: SandboxServer) -> None:
    platform.stop()
    assert till.lookup() == 503
    assert till.close(None) == []
    platform.start()
    assert settled(till, platform, delivered=1)["status"] == "INFO"


def test_cut_before_the_lock_the_store_decides(till: Till, platform: SandboxServer, policy: str) -> None:
    till.lookup()
    platform.stop()
    discount = till.lock()
    assert (discount is not None) == (policy == "allow_remembered")
    assert discount is None or discount["status"] == "OFFLINE"
    till.close(discount)
    platform.start()
    offer = settled(till, platform, delivered=1)
    assert offer["times_redeemed"] == (policy == "allow_remembered")


def test_cut_while_it_is_locked_it_is_consumed_once_or_given_back_G3(
    till: Till, platform: SandboxServer, policy: str
) -> None:
    """The platform has locked it, and nobody in the store knows."""
    till.lookup()
    platform.set_faults(LOSE_LOCKS)
    discount = till.lock()
    assert platform.offer(OFFER)["status"] == "LOCKED"
    platform.set_faults([])
    given = policy == "allow_remembered"
    assert till.close(discount) == ([] if given else ["offer_not_in_sale"])
    offer = settled(till, platform, delivered=1 if given else 2)
    assert (offer["status"], offer["times_redeemed"]) == (("REDEEMED", 1) if given else ("INFO", 0))


def test_asked_again_after_a_lost_answer_it_is_the_same_request_G3_G9(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    till = Till(make_agent(platform.url, gateway={"deadline_seconds": 1.0}).start())
    platform.set_faults(LOSE_LOCKS)
    assert till.lock() is None
    platform.set_faults([])
    till.agent.wait_for_link("online")
    till.agent.kill()
    till.agent.start()
    assert till.close(till.lock()) == []
    assert settled(till, platform, delivered=1)["times_redeemed"] == 1
    locks = [request for request in platform.account()["requests"] if request["endpoint"] == "lock"]
    assert len(locks) == 1
    assert locks[0]["received"] > 1


def test_cut_after_the_lock_the_sale_consumes_it_once_when_the_line_is_back(
    till: Till, platform: SandboxServer
) -> None:
    till.lookup()
    discount = till.lock()
    platform.stop()
    assert till.close(discount) == []
    assert till.close(discount) == []
    platform.start()
    assert settled(till, platform, delivered=1) == {"status": "REDEEMED", "by": "V-1", "times_redeemed": 1}


def test_cut_while_the_sale_is_sent_it_is_consumed_once(till: Till, platform: SandboxServer) -> None:
    till.lookup()
    discount = till.lock()
    platform.set_faults(LOSE_SALES)
    till.close(discount)
    assert settled(till, platform, delivered=1)["times_redeemed"] == 1


def test_voided_without_a_line_it_is_given_back_after_the_sale_G4(till: Till, platform: SandboxServer) -> None:
    till.lookup()
    till.lock()
    platform.stop()
    till.void()
    platform.start()
    assert settled(till, platform, delivered=2)["status"] == "INFO"
    sent = [request["endpoint"] for request in platform.account()["requests"]]
    assert sent[-2:] == ["send_transaction", "unlock"]


def test_given_back_without_a_line_it_waits_for_its_sale_G4(till: Till, platform: SandboxServer) -> None:
    """The cashier takes the offer off again: the sale without it was taken before, and goes before."""
    till.lookup()
    till.lock()
    platform.stop()
    assert till.agent.send(till.open).status_code == 200
    status, answer = till.call("unlock", {"user_offer_id": OFFER, "employee_id": "1000"})
    assert (status, answer["payload"]["delivery"]) == (200, "queued")
    assert till.call("unlock", {"user_offer_id": OFFER, "employee_id": "1000"})[1] == answer
    assert till.close(None) == []
    platform.start()
    till.agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    assert platform.offer(OFFER)["status"] == "INFO"
    sent = [request["endpoint"] for request in platform.account()["requests"] if request["endpoint"] != "lookup"]
    assert sent[0] == "lock"
    assert sent[-2:] == ["unlock", "send_transaction"]


def test_an_offer_applied_offline_and_taken_off_again_never_reaches_the_platform(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    till = Till(make_agent(platform.url, gateway={"offline_offers": "allow_remembered"}).start())
    till.lookup()
    platform.stop()
    assert till.lock() is not None
    assert till.call("unlock", {"user_offer_id": OFFER, "employee_id": "1000"})[1]["payload"] == {"delivery": "here"}
    till.close(None)
    platform.start()
    assert settled(till, platform, delivered=1) == {"status": "INFO", "by": None, "times_redeemed": 0}


def test_a_redeemed_offer_is_reinstated_when_the_line_is_back(till: Till, platform: SandboxServer) -> None:
    asked = {"offer_lookup_code": OFFER, "offer_lookup_type": "UserOfferId", "transaction": till.open}
    assert till.call("redeem", asked)[0] == 200
    platform.stop()
    status, answer = till.call("reinstate", {"user_offer_id": OFFER, "employee_id": "1000"})
    assert (status, answer["payload"]["delivery"]) == (200, "queued")
    till.agent.kill()
    till.agent.start()
    platform.start()
    assert settled(till, platform, delivered=1)["status"] == "INFO"


def test_forgotten_locks_go_back_to_the_guest(make_agent: MakeAgent, platform: SandboxServer) -> None:
    till = Till(make_agent(platform.url, gateway={"lock_hours": 0.0003}).start())
    till.lock()
    till.agent.wait_for_log("offer.taken_back")
    assert settled(till, platform, delivered=1)["status"] == "INFO"


def test_a_lock_that_is_not_given_back_would_be_noticed(make_agent: MakeAgent, platform: SandboxServer) -> None:
    """The control: a voided sale alone does not unlock at the platform."""
    till = Till(make_agent(platform.url, forgetting("keep_locks")).start())
    till.lock()
    till.void()
    assert settled(till, platform, delivered=1)["status"] == "LOCKED"


def test_asking_under_another_request_would_be_noticed_G3(make_agent: MakeAgent, platform: SandboxServer) -> None:
    """The control: the platform refuses to redeem twice, and the guest has lost the offer."""
    till = Till(make_agent(platform.url, forgetting("ask_anew")).start())
    asked = {"offer_lookup_code": OFFER, "offer_lookup_type": "UserOfferId", "transaction": till.open}
    assert till.call("redeem", asked)[0] == 200
    assert till.call("redeem", asked)[0] == 400


def test_a_sale_without_OFFLINE_would_be_noticed(make_agent: MakeAgent, platform: SandboxServer) -> None:
    """The control: a POS that sends another status leaves the offer in the wallet, unless the agent says OFFLINE."""
    ends = []
    for command in (COMMAND, forgetting("not_offline")):
        platform.forget()
        till = Till(make_agent(platform.url, command, gateway={"offline_offers": "allow_remembered"}).start())
        till.lookup()
        platform.stop()
        discount = till.lock()
        assert discount is not None
        till.close(discount | {"status": "LOCKED"})
        platform.start()
        ends.append(settled(till, platform, delivered=1)["status"])
        till.agent.close()
    assert ends == ["REDEEMED", "INFO"]


ALLOW = {"offline_offers": "allow_remembered", "deadline_seconds": 1.0}


@pytest.fixture
def generous(make_agent: MakeAgent, platform: SandboxServer) -> Till:
    """A store that applies remembered offers offline."""
    return Till(make_agent(platform.url, gateway=ALLOW).start())


def another(till: Till, transaction: str) -> Till:
    other = Till(till.agent)
    other.open = sale(transaction, is_closed=False, payments=[])
    return other


@pytest.mark.parametrize("end", ["locked", "closed", "redeemed"])
def test_what_the_store_knows_to_be_used_is_not_given_again_offline(
    generous: Till, platform: SandboxServer, end: str
) -> None:
    generous.lookup()
    if end == "redeemed":
        asked = {"offer_lookup_code": OFFER, "offer_lookup_type": "UserOfferId", "transaction": generous.open}
        assert generous.call("redeem", asked)[0] == 200
    else:
        discount = generous.lock()
        assert end == "locked" or generous.close(discount) == []
    platform.stop()
    assert another(generous, "V-2").lock() is None


@pytest.mark.parametrize("way", ["void", "unlock"])
def test_a_lock_that_was_renewed_offline_is_given_back_all_the_same(
    generous: Till, platform: SandboxServer, way: str
) -> None:
    generous.lookup()
    generous.lock()
    platform.stop()
    generous.open |= {"subtotal": 9.0}
    discount = generous.lock()
    assert discount is not None
    assert discount["status"] == "OFFLINE"
    if way == "void":
        generous.void()
    else:
        generous.call("unlock", {"user_offer_id": OFFER, "employee_id": "1000"})
        generous.close(None)
    platform.start()
    generous.agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    assert platform.offer(OFFER)["status"] == "INFO"


@pytest.mark.parametrize("way", ["void", "unlock"])
def test_an_offline_offer_in_an_open_sale_that_arrived_is_reinstated(
    generous: Till, platform: SandboxServer, way: str
) -> None:
    """Status OFFLINE takes the offer from the wallet as soon as it arrives."""
    generous.lookup()
    platform.stop()
    discount = generous.lock()
    assert generous.agent.send(generous.open | {"discounts": [discount]}).status_code == 200
    platform.start()
    generous.agent.wait_for_outbox(delivered=1)
    assert platform.offer(OFFER)["status"] == "REDEEMED"
    if way == "void":
        generous.void()
    else:
        generous.call("unlock", {"user_offer_id": OFFER, "employee_id": "1000"})
        generous.close(None)
    generous.agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    assert platform.offer(OFFER)["status"] == "INFO"


def test_an_offer_on_its_way_back_is_not_locked_again_before_it_arrives_G4(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    till = Till(make_agent(platform.url).start())
    till.lock()
    platform.set_faults(["slow:ms=1500,path=/api/2.0/send_"])
    assert till.agent.send(till.open).status_code == 200
    assert till.call("unlock", {"user_offer_id": OFFER, "employee_id": "1000"})[1]["payload"]["delivery"] == "queued"
    asked = {"offer_lookup_code": OFFER, "offer_lookup_type": "UserOfferId", "transaction": till.open}
    status, answer = till.call("lock", asked)
    assert (status, answer["errors"]["code"]) == (503, "pending")
    till.agent.wait_for_outbox(waiting=0, frozen=0)
    assert till.close(till.lock()) == []
    assert settled(till, platform, delivered=3)["times_redeemed"] == 1


def test_a_lock_that_is_answered_after_the_void_goes_back(make_agent: MakeAgent, platform: SandboxServer) -> None:
    till = Till(make_agent(platform.url).start())
    platform.set_faults(["slow:ms=1000,path=/api/2.0/lock"])
    with ThreadPoolExecutor(1) as lane:
        late = lane.submit(till.lock)
        platform.wait_for(lambda totals: totals["requests_hanging"] + totals["requests_received"] > 0)
        with till.agent.client_of("lane-1", till.agent.token) as other:
            voided = {"request_payload": till.open | {"is_voided": True}}
            assert other.post("/api/2.0/send_transaction", json=voided).status_code == 200
        assert late.result() is not None
    till.agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    assert platform.offer(OFFER)["status"] == "INFO"


@pytest.mark.parametrize("end", ["voided", "discarded"])
def test_an_offer_in_a_sale_that_the_platform_refused_goes_back(
    make_agent: MakeAgent, platform: SandboxServer, end: str
) -> None:
    till = Till(make_agent(platform.url, gateway={"lock_hours": 0.0005}).start())
    discount = till.lock()
    platform.set_faults(["refuse:ids=V-1,count=1"])
    till.close(discount)
    till.agent.wait_for_outbox(parked=1)
    if end == "voided":
        till.void()
    else:
        assert till.agent.cli("outbox", "discard", "1", "--reason", "training").returncode == 0
    void = end == "voided"
    till.agent.wait_for_outbox(delivered=1 + void, parked=void, waiting=0, frozen=0)
    assert platform.offer(OFFER)["status"] == "INFO"
