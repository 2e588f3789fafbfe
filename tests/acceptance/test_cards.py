"""Card numbers planted in every place and form are nowhere afterwards: the agent, its files, its platform (G16)."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from store_agent.domain.card_data import find_card_data
from store_agent.domain.card_names import NOTHING
from store_agent.domain.card_numbers import find_numbers
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.cards import NUMBERS, apart, escaped, in_script
from tests.support.sales import payment, sale
from tests.support.texts import readable

CARELESS = (sys.executable, "-m", "tests.support.careless_agent")
SAID = NUMBERS["JCB"]
"""Only the platform says this one."""

TYPED = NUMBERS["UnionPay"]
"""Only people type this one."""

NO_BREAK = "\u00a0"
JSON = {"Content-Type": "application/json"}
REFERRALS = "/priv/v1/apps/any/users/U-1/referrals"


def written() -> list[str]:
    """Write every scheme's number in every form, as JSON."""
    forms = []
    for number in (number for number in NUMBERS.values() if number not in (SAID, TYPED)):
        forms += [
            f'"{number}"', f'"No {number}."', number, f"{number}.00", f'"{escaped(number)}"', f'["{number}"]',
            *(f'"{apart(number, (4, 4, 4), separator)}"' for separator in (" ", "-", NO_BREAK)),
            json.dumps(in_script(number, "\uff10"), ensure_ascii=False), f'{{"{number}": 1}}', f'"PAN{number}EXP1225"',
        ]  # fmt: skip
    return forms


def planted(name: str) -> Iterator[str]:
    """Give sales as JSON, each with a number somewhere in it."""
    for place, form in enumerate(written()):
        ours = json.dumps(sale(f"{name}-{place}"))
        yield [
            f'{ours[:-1]}, "note": {form}}}',
            ours.replace('"line_id"', f'"memo": {form}, "line_id"', 1),
            ours.replace('"payment_id"', f'"auth": {{"ref": [{form}]}}, "payment_id"', 1),
        ][place % 3]


def plant(agent: AgentProcess, platform: SandboxServer) -> list[str]:
    """Send what holds numbers through every door; gives the texts of the sales that were sent."""
    texts = list(planted("A"))
    for text in texts:
        assert agent.send(text).status_code == 200
    body = f'{{"request_payload": {{"transactions": [{", ".join(planted("B"))}]}}}}'
    assert agent.post("send_batch_transaction", body).status_code == 200
    number = next(iter(NUMBERS.values()))
    agent.send(sale("C-1", payments=[payment("P1", card_number=number, cvv="123", track2=f";{number}=25121010000?")]))
    agent.send(sale("D-1"))
    agent.wait_for_outbox(parked=1)
    asked = {"user_id": "1", "note": number}
    agent.post("lookup", json.dumps({"request_payload": asked}))
    platform.stop()
    agent.post("unlock", json.dumps({"request_payload": {"user_offer_id": "O-1", "employee_id": "1", "note": number}}))
    agent.client.post(REFERRALS, content=json.dumps({"referrals": [{"referee": number}]}), headers=JSON)
    agent.send(sale("E-1", note=number))
    token = (agent.directory / "data" / "control.token").read_text().strip()
    with agent.client_of("manager", token) as manager:
        manager.post("/v1/terminals", json={"name": "lane-7", "reason": f"card {TYPED}"})
        manager.post("/v1/outbox/hold", json={"by": f"Ada {TYPED}", "reason": TYPED, "sequences": [1]})
        manager.delete("/v1/terminals/lane-9", params={"reason": TYPED})
    assert agent.cli("backup").returncode == 0
    return texts


def numbers_in(content: bytes) -> set[str]:
    """Find the planted numbers in bytes, as they are usually written."""
    return {
        number
        for number in NUMBERS.values()
        for form in (number, apart(number, (4, 4, 4), " "), apart(number, (4, 6), "-"), in_script(number, "\uff10"))
        if form.encode() in content or escaped(number).encode() in content
    }


def kept(agent: AgentProcess) -> dict[Path, bytes]:
    """Read everything that the agent wrote: databases, journals, backups, its log."""
    files = [path for path in (agent.directory / "data").rglob("*") if path.is_file()]
    assert {"store-agent.db", "store-agent.db-wal"} <= {path.name for path in files}
    assert any(path.parent.name == "backups" for path in files)
    return {path: readable(path.read_bytes()) for path in [*files, agent.log]}


def shown(agent: AgentProcess) -> list[dict[str, Any]]:
    """Ask for everything that is kept of every sale."""
    last = agent.status()["outbox"]["accepted"]
    return [agent.client.get(f"/v1/outbox/{sequence}").json()["payload"] for sequence in range(1, last + 1)]


def make(make_agent: MakeAgent, platform: SandboxServer, **how: Any) -> AgentProcess:
    platform.set_faults([Fault("refuse", ids=("D-1",), message=f"Unknown card {SAID}")])
    return make_agent(platform.url, log={"level": "debug"}, **how).start()


def test_numbers_planted_everywhere_are_nowhere_afterwards_G16(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make(make_agent, platform)
    texts = plant(agent, platform)
    for path, content in kept(agent).items():
        assert numbers_in(content) == set(), path
        for text in texts:
            digest = hashlib.sha256(text.encode())
            assert digest.digest() not in content, "a digest beside the masked text gives the number away"
            assert digest.hexdigest().encode() not in content
    for detail in shown(agent):
        assert not find_numbers(json.dumps(detail)), detail
        assert not list(find_card_data(detail["payload"] or "", NOTHING))
    received = json.dumps(platform.account(bodies=True))
    assert numbers_in(received.encode()) == set()
    agent.stop()
    assert numbers_in(agent.log.read_bytes()) == set()


def test_an_agent_that_does_not_look_would_be_noticed_G16(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make(make_agent, platform, command=CARELESS)
    plant(agent, platform)
    files = kept(agent)
    assert set(NUMBERS.values()) <= set().union(*map(numbers_in, files.values()))
    assert any(numbers_in(content) for path, content in files.items() if path.parent.name == "backups")
    assert any(find_numbers(json.dumps(detail)) for detail in shown(agent))


def test_an_identifier_that_looks_like_a_card_arrives_as_it_is_G16_G7(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    number = NUMBERS["Visa"]
    guest = payment("P1", user_id=number, user_id_type="External_ID")
    text = json.dumps(sale(number, payments=[guest], discounts=[]))
    assert agent.send(text).status_code == 200
    agent.wait_for_outbox(delivered=1)
    (request,) = [one for one in platform.account(bodies=True)["requests"] if one["endpoint"] == "send_transaction"]
    assert text in request["body"]
