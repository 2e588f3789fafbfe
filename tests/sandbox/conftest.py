"""A till in front of a real sandbox, over real HTTP."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Self

import httpx
import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer


class Till:
    """Calls the platform as a store would; `client` for everything unusual."""

    def __init__(self, url: str, *, secret: str = "sandbox-secret") -> None:
        self.client = httpx.Client(base_url=url, auth=("sandbox-key", secret), timeout=10)
        self._request_ids = itertools.count(1)

    def container(self, payload: Any, request_id: str | None = None) -> dict[str, Any]:
        name = request_id or f"request-{next(self._request_ids)}"
        return {"store_id": "1234x", "client_id": "retailer-1", "request_id": name, "request_payload": payload}

    def call(self, endpoint: str, payload: Any, request_id: str | None = None) -> httpx.Response:
        return self.client.post(f"/api/2.0/{endpoint}", json=self.container(payload, request_id))

    def send(self, name: str, request_id: str | None = None) -> httpx.Response:
        return self.call("send_transaction", sale(name), request_id)

    def send_batch(self, *names: str, request_id: str | None = None) -> httpx.Response:
        return self.call("send_batch_transaction", {"transactions": [sale(name) for name in names]}, request_id)

    def send_text(self, endpoint: str, body: bytes, content_type: str = "application/json") -> httpx.Response:
        headers = {"content-type": content_type}
        return self.client.post(f"/api/2.0/{endpoint}", content=body, headers=headers)

    def account(self, query: str = "") -> Any:
        return self.client.get(f"/sandbox/account{query}").json()

    def totals(self) -> Any:
        return self.account("?totals=1")["totals"]

    def put_faults(self, *faults: dict[str, Any]) -> None:
        self.client.put("/sandbox/faults", content=json.dumps(faults)).raise_for_status()


def sale(name: str, **fields: Any) -> dict[str, Any]:
    return {"transaction_id": name, "is_closed": True, "is_voided": False, "subtotal": 9.5, **fields}


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(port=0)) as running:
        yield running


@pytest.fixture
def till(server: SandboxServer) -> Iterator[Till]:
    till = Till(server.url)
    with till.client:
        yield till


@pytest.fixture
def stranger(server: SandboxServer) -> Iterator[Till]:
    """A till with a wrong secret."""
    till = Till(server.url, secret="guessed")
    with till.client:
        yield till


@pytest.fixture(scope="module")
def lasting_server() -> Iterator[SandboxServer]:
    """A server for all tests of a file; take `platform`, which begins anew."""
    with SandboxServer(SandboxOptions(port=0)) as running:
        yield running


@pytest.fixture
def platform(lasting_server: SandboxServer) -> SandboxServer:
    lasting_server.set_faults([])
    lasting_server.forget()
    return lasting_server


@pytest.fixture
def counter(platform: SandboxServer) -> Iterator[Till]:
    """A till in front of the platform that the relayed calls reach, too."""
    till = Till(platform.url)
    with till.client:
        yield till


@pytest.fixture
def core(platform: SandboxServer) -> Iterator[httpx.Client]:
    """Calls the core upstream, below the paths of its application."""
    base = f"{platform.url}/priv/v1/apps/sandbox-app-key"
    with httpx.Client(base_url=base, auth=("sandbox-app-key", "sandbox-app-secret"), timeout=10) as client:
        yield client


class Connect:
    """Calls the connect upstream; `offers` and `incentives` give the payload of what went well."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def call(self, path: str, **fields: Any) -> httpx.Response:
        return self.client.post(path, json={"retailer_id": "retailer-1", **fields})

    def offers(self, name: str, **fields: Any) -> Any:
        return fine(self.call(f"/offers/api/2.0/offers/{name}", **fields))["payload"]

    def incentives(self, name: str, **fields: Any) -> Any:
        return fine(self.call(f"/incentives/api/{name}", **fields))["payload"]


@pytest.fixture
def connect(platform: SandboxServer) -> Iterator[Connect]:
    auth = ("sandbox-connect-key", "sandbox-connect-secret")
    with httpx.Client(base_url=platform.url, auth=auth, timeout=10) as client:
        yield Connect(client)


def fine(answer: httpx.Response) -> Any:
    """The answer of a call that went well."""
    assert (answer.status_code, answer.json()["status"]) == (200, "ok"), answer.text
    return answer.json()


def code_of(answer: httpx.Response) -> str:
    """The code of a call that was declined, or that named nothing."""
    body = answer.json()
    assert body["status"] == "error"
    assert body["errors"]["message"]
    return str(body["errors"]["code"])


@pytest.fixture
def till_of() -> Iterator[Callable[[SandboxOptions], Till]]:
    """Make a till in front of a sandbox with other options."""
    with ExitStack() as stack:

        def make(options: SandboxOptions) -> Till:
            till = Till(stack.enter_context(SandboxServer(options)).url)
            stack.enter_context(till.client)
            return till

        yield make


class Stopwatch:
    """Measures the seconds of a `with` block."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._start


@pytest.fixture
def stopwatch() -> type[Stopwatch]:
    return Stopwatch
