"""A till that keeps what it was answered, and sends again in the end what the fault left in doubt."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import httpx

from store_agent.sandbox.server import SandboxServer
from tests.power.findings import Found
from tests.support.agent import AgentProcess


class Receipt(NamedTuple):
    """What a till prints on paper: it must be the same whenever the same sale is sent again."""

    digest: str
    codes: tuple[str, ...]


class Till:
    """Sends sales to an agent that may die meanwhile. `texts` are the sales sent, `receipts` those with a 200."""

    def __init__(self, agent: AgentProcess, platform: SandboxServer) -> None:
        self.texts: dict[str, str] = {}
        self.receipts: dict[str, Receipt] = {}
        self.refusals: list[tuple[int, str]] = []
        self._doubled: set[str] = set()
        self._agent = agent
        self._platform = platform

    def sell(self, sale: dict[str, Any]) -> bool:
        """Send a sale; tells whether it was answered with 200. Raises httpx.TransportError if the agent is gone."""
        name = str(sale["transaction_id"])
        self.texts[name] = json.dumps(sale)
        return self._send(name)

    def sell_together(self, sales: Iterable[dict[str, Any]]) -> bool:
        """Send sales in one call."""
        texts = {str(sale["transaction_id"]): json.dumps(sale) for sale in sales}
        self.texts |= texts
        body = f'{{"request_payload": {{"transactions": [{", ".join(texts.values())}]}}}}'
        return self._keep(self._agent.post("send_batch_transaction", body))

    def look(self, elsewhere: frozenset[str] = frozenset()) -> Found:
        """Say what became of the sales, once the agent runs undisturbed; `elsewhere` arrived at another platform."""
        self._agent.wait_for_outbox(waiting=0, frozen=0)
        answered, arrived = dict(self.receipts), self._platform.account()["transactions"]
        lost = [name for name in answered if name not in arrived and name not in elsewhere]
        found = Found(len(answered), len(lost), words=[f"{name} was answered and did not arrive" for name in lost])
        found.words += self._send_again(answered)
        self._agent.wait_for_outbox(waiting=0, frozen=0)
        self._look_at_books(found, elsewhere)
        return found

    def _send_again(self, answered: dict[str, Receipt]) -> list[str]:
        """Send every sale again, as a till in doubt does; those that were answered get the same answer."""
        refused = [name for name in self.texts if not self._send(name)]
        words = [f"{name} is not taken after the fault: {self.refusals[-1]}" for name in refused]
        for name, receipt in answered.items():
            if self.receipts[name] != receipt:
                words.append(f"{name} was answered with {receipt}, now with {self.receipts[name]}")
        return words

    def _look_at_books(self, found: Found, elsewhere: frozenset[str]) -> None:
        account, outbox = self._platform.account(), self._agent.status()["outbox"]
        often = [name for name, revisions in account["transactions"].items() if len(revisions) > 1]
        missing = [name for name in self.texts if name not in account["transactions"] and name not in elsewhere]
        found.doubled = len(set(often) - self._doubled)
        self._doubled.update(often)
        found.words += [f"{name} arrived more than once" for name in often]
        found.words += [f"{name} did not arrive in the end" for name in missing]
        if account["totals"]["conflicts"] or account["totals"]["doubled"]:
            found.words.append(f"the platform counts {account['totals']}")
        if not outbox["balanced"] or outbox["accepted"] != len(self.texts):
            found.words.append(f"{len(self.texts)} were sent, the books say {outbox}")

    def _send(self, name: str) -> bool:
        return self._keep(self._agent.send(self.texts[name]))

    def _keep(self, answer: httpx.Response) -> bool:
        container = answer.json()
        if answer.status_code != 200:
            self.refusals.append((answer.status_code, container["errors"]["code"]))
            return False
        payload = container["payload"]
        for told in payload.get("transactions", [payload]):
            codes = tuple(receipt["code"] for receipt in told["receipts"])
            self.receipts[told["transaction"]["id"]] = Receipt(told["digest"], codes)
        return True
