"""The platform's own documents as input, where they are at hand: they are not ours to ship.

Set POS_REFERENCE_DOCUMENTS to a directory with the POS API's Postman collection and the importers guide (text files).
`tests/data/recorded` has the same shapes with made-up values, for everywhere else.
"""

import json
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess

pytestmark = pytest.mark.skipif(
    "POS_REFERENCE_DOCUMENTS" not in os.environ, reason="POS_REFERENCE_DOCUMENTS names no directory with the documents"
)

VALUES = {"store_id": "1234x", "retailer_id": "retailer-1", "user_id": "u-1", "external_id": "x-1"}


def documents() -> list[str]:
    return [path.read_text() for path in sorted(Path(os.environ["POS_REFERENCE_DOCUMENTS"]).glob("*.txt"))]


def filled(text: str) -> str:
    text = re.sub(r"\{\{ ?\$guid ?\}\}", lambda _: str(uuid.uuid4()), text)
    return re.sub(r"\{\{(\w+)\}\}", lambda match: VALUES.get(match[1], match[1]), text)


def requests_below(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in folder.get("item", []):
        if "request" in item:
            yield item["request"]
        yield from requests_below(item)


def pos_requests() -> list[tuple[str, dict[str, Any]]]:
    """Every request to the POS API in the Postman collection: endpoint and container."""
    found = []
    for text in documents():
        if '"_postman_id"' not in text[:500]:
            continue
        collection, _ = json.JSONDecoder().raw_decode(text)
        for request in requests_below(collection):
            match = re.search(r"/api/2\.0/(\w+)$", str(request.get("url")))
            if match:
                found.append((match[1], json.loads(filled(request["body"]["raw"]))))
    return found


def guide_samples() -> list[dict[str, Any]]:
    """The transactions of the importers guide's JSON samples, as containers."""
    found: list[dict[str, Any]] = []
    for text in documents():
        for sample in re.findall(r"^```\n(\[\n.*?)\n```", text, re.DOTALL | re.MULTILINE):
            whole = re.sub(r",\s*\.\.\.", "", sample)
            try:
                records = json.loads(filled(whole))
            except ValueError:
                continue
            for record in records:
                if "request_payload" in record:
                    found.append(record)
                elif "pos_employee_id" in record:
                    found.append({"request_payload": record})
    return found


def test_every_sale_of_the_documents_goes_through_the_agent_to_the_sandbox_G7(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    containers = [container for endpoint, container in pos_requests() if endpoint == "send_transaction"]
    for endpoint, container in pos_requests():
        transaction = container["request_payload"].get("transaction")
        if endpoint in ("redeem", "lock") and transaction:
            containers.append(container | {"request_payload": transaction})
    containers += guide_samples()
    assert len(containers) >= 5, "the documents hold three Postman sales and two samples of the guide"
    for container in containers:
        answer = agent.post("send_transaction", json.dumps(container))
        assert answer.status_code == 200, answer.text
    agent.wait_for_outbox(delivered=len(containers), waiting=0, frozen=0, parked=0)
    sent = [json.loads(request["body"]) for request in platform.account(bodies=True)["requests"]]
    arrived = {
        one["transaction_id"]: one
        for body in sent
        for one in body["request_payload"].get("transactions", [body["request_payload"]])
    }
    for container in containers:
        payload = container["request_payload"]
        found = arrived[payload["transaction_id"]]
        assert {name: found[name] for name in payload} == payload


def upstream_requests() -> list[tuple[str, dict[str, Any]]]:
    """Every request of the Postman collection to another upstream: the variable that names it, and the request."""
    found = []
    for text in documents():
        if '"_postman_id"' in text[:500]:
            collection, _ = json.JSONDecoder().raw_decode(text)
            for request in requests_below(collection):
                url = request["url"] if isinstance(request["url"], str) else request["url"]["raw"]
                match = re.match(r"\{\{(endpoint|endpoint_connect)\}\}(/.*)", url)
                if match:
                    found.append((match[1], request | {"url": filled(match[2])}))
    return found


def test_every_other_call_of_the_collection_reaches_its_upstream_with_the_store_s_credentials(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    token = (agent.directory / "data" / "control.token").read_text().strip()
    asked = upstream_requests()
    assert len(asked) >= 50
    with agent.client_of("manager", token) as manager:
        for _, request in asked:
            body = (request.get("body") or {}).get("raw", "")
            headers = {"Content-Type": "application/json"} if body else {}
            answer = manager.request(request["method"], request["url"], content=body, headers=headers)
            assert answer.status_code not in (401, 403, 415, 503), answer.text
    calls = platform.account()["calls"]
    upstreams = {"endpoint": "core", "endpoint_connect": "connect"}
    assert [call["upstream"] for call in calls] == [upstreams[name] for name, _ in asked]
    assert all(call["authorised"] for call in calls)


def test_every_pos_call_of_the_collection_passes(agent: AgentProcess, platform: SandboxServer) -> None:
    """The recorded bodies as they are, but for the ids of guests and offers."""
    guest = GUESTS[0]
    redeemed, locked = (offer.offer_id for offer in guest.offers[:2])
    taken = []
    for endpoint, container in pos_requests():
        payload = container["request_payload"]
        offer = redeemed if endpoint in ("redeem", "reinstate") else locked
        payload |= {name: offer for name in ("offer_lookup_code", "user_offer_id") if name in payload}
        if payload.get("external_customer_id"):
            payload["external_customer_id"] = guest.external_customer_id
        answer = agent.post(endpoint, json.dumps(container))
        assert answer.status_code == 200, (endpoint, answer.text)
        assert answer.json()["status"].lower() in ("ok", "success")
        taken.append(endpoint)
    assert set(taken) >= {"lookup", "redeem", "lock", "reinstate", "unlock", "send_transaction"}
    assert [platform.offer(offer)["status"] for offer in (redeemed, locked)] == ["INFO", "INFO"]
