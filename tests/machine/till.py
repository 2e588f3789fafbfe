"""A till beside the machine: it sells, keeps what was answered, and compares that with the platform's account."""

import threading
import time
from contextlib import suppress
from itertools import count
from typing import Self

import httpx

from store_agent.sandbox.server import SandboxServer
from tests.machine.machine import Machine
from tests.support.sales import sale

URL = "http://127.0.0.1:8750"
PAUSE_SECONDS = 0.02


class Till:
    """Sells as the terminal lane-1; `acknowledged` are the transactions that were answered."""

    def __init__(self, machine: Machine, platform: SandboxServer) -> None:
        self.machine = machine
        self.platform = platform
        self.acknowledged: list[str] = []
        self._numbers = count(1)
        self._client = httpx.Client(base_url=URL, timeout=5.0, trust_env=False)

    def use(self, token: str) -> None:
        """Take the credentials of the lane."""
        self._client.auth = httpx.BasicAuth("lane-1", token)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def post(self, path: str) -> httpx.Response:
        return self._client.post(path, json={})

    def sell(self, number: int = 1) -> list[httpx.Response]:
        """Sell so often; every sale must be taken."""
        return [self._must_sell() for _ in range(number)]

    def offer(self) -> httpx.Response:
        """Offer a sale that need not be taken."""
        return self._try(f"M-{next(self._numbers)}")

    def _must_sell(self) -> httpx.Response:
        answer = self.offer()
        assert answer.status_code == 200, answer.text
        return answer

    def _try(self, name: str) -> httpx.Response:
        body = {"request_id": "1", "request_payload": sale(name)}
        answer = self._client.post("/api/2.0/send_transaction", json=body)
        if answer.status_code == 200:
            self.acknowledged.append(name)
        return answer

    def waiting(self) -> int:
        """Give how many sales are not at the platform yet."""
        outbox = self.get("/v1/status").json()["payload"]["outbox"]
        return int(outbox["waiting"]) + int(outbox["frozen"])

    def answers(self) -> bool:
        """Tell whether an agent is there that is ready."""
        with suppress(httpx.TransportError):
            return self.get("/readyz").status_code == 200
        return False

    def until_ready(self) -> float:
        """Wait until the agent is ready; gives the seconds it took."""
        return self.machine.until(self.answers, "the agent is not ready")

    def balance(self) -> str:
        """Wait until nothing waits, then compare: each sale that was answered is at the platform, once."""
        self.machine.until(lambda: self.waiting() == 0, "sales are not sent", within=120.0)
        account = self.platform.account()["transactions"]
        arrived = [len(account.get(name, ())) for name in self.acknowledged]
        lost, doubled = arrived.count(0), sum(number > 1 for number in arrived)
        assert not lost, f"{lost} lost"
        assert not doubled, f"{doubled} doubled"
        return f"{len(arrived)} sales answered so far, all at the platform once"


class Selling:
    """Sells on and on beside the context, each sale until it is taken; `gap` is the longest wait in seconds."""

    def __init__(self, till: Till) -> None:
        self.gap = 0.0
        self._till = till
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sell)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _sell(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            name, began = f"M-{next(self._till._numbers)}", time.monotonic()
            while not self._taken(name) and not self._stopped.is_set():
                time.sleep(PAUSE_SECONDS)
            self.gap = max(self.gap, time.monotonic() - began)

    def _taken(self, name: str) -> bool:
        with suppress(httpx.TransportError):
            return self._till._try(name).status_code == 200
        return False
