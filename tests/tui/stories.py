"""How a real agent gets into the state that a scene shows, in front of the sandbox, on a machine that is told its time.

Each story ends at `NOW`. What the agent does by itself and by chance is waited for, or kept from happening: it tries an
absent platform once and not again and again.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from store_agent.local.credentials import ControlToken
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import COMMAND, AgentProcess
from tests.tui.shop import CATALOG, EMPLOYEES, LANES, UNKNOWN, clock, number, purchase
from tests.tui.told import Told

NOW = clock("14:32")
WITHIN_SECONDS = 20.0

_TRIES_ONCE = {"backoff_base_seconds": 3_600, "backoff_cap_seconds": 3_600, "first_contact_spread_seconds": 0.001}


def _printers(directory: Path) -> dict[str, dict[str, Any]]:
    """Give a printer at the counter that is off, and one in the office."""
    counter = {"kind": "network", "host": "127.0.0.1", "port": 9, "terminals": [LANES[0]]}
    return {"printers.counter": counter, "printers.office": {"kind": "file", "path": str(directory / "office")}}


class ToldAgent(AgentProcess):
    """An agent on a machine that is told its time; its commands are told the same."""

    def __init__(self, directory: Path, platform: str) -> None:
        self.machine = Told(directory / "told")
        self.machine.wall = clock("07:58")
        self.machine.tell()
        command = (COMMAND[0], "-m", "tests.tui.told_agent", str(self.machine.file))
        drain = {**_TRIES_ONCE, "concurrency": 1}
        super().__init__(directory, platform, command, drain=drain, **_printers(directory))

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the agent on the same machine."""
        command = [*self._command, *arguments, "-c", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


class Store:
    """A store whose day is told: `at` sets the clock, the rest happens then."""

    def __init__(self, agent: ToldAgent, platform: SandboxServer) -> None:
        self.agent = agent
        self.platform = platform
        self.lanes: dict[str, httpx.Client] = {}
        self.sold = 0

    def at(self, moment: str) -> "Store":
        """Set the clock."""
        self.agent.machine.wall = clock(moment)
        self.agent.machine.tell()
        return self

    def begin(self) -> None:
        """Start the agent and let the lanes in."""
        self.agent.start()
        self.until(lambda: self.get("/v1/status")["chores"]["backup"]["succeeded_at"])
        tokens = {lane: self.do("/v1/terminals", name=lane)["token"] for lane in LANES[1:]}
        self.lanes = {lane: self.agent.client_of(lane, token) for lane, token in tokens.items()}
        self.lanes[LANES[0]] = self.agent.client

    def open_shop(self) -> None:
        """Begin the day with catalog and employees, and sell a little."""
        self.begin()
        self.at("08:05").upload("upload_catalog", CATALOG)
        self.at("08:06").upload("upload_employees", EMPLOYEES)
        self.delivered(2)
        self.sell(24, "09:02", "11:17")
        self.delivered(26)

    def upload(self, call: str, payload: dict[str, Any]) -> None:
        """Bring in a catalog or employees from the first lane."""
        self._post(LANES[0], call, payload)

    def sell(self, sales: int, begin: str, end: str, **changes: Any) -> None:
        """Sell so much between two moments, lane by lane; the clock goes on with each sale."""
        first, last = clock(begin), clock(end)
        for place in range(sales):
            self.agent.machine.wall = at = first + round((last - first) * place / max(1, sales - 1))
            self.agent.machine.tell()
            self.sold += 1
            self._post(LANES[self.sold % len(LANES)], "send_transaction", purchase(self.sold, at, **changes))

    def delivered(self, revisions: int) -> None:
        """Wait until so much has arrived and nothing is left."""
        self.agent.wait_for_outbox(WITHIN_SECONDS, delivered=revisions, waiting=0, frozen=0)

    def print_receipt(self, place: int, **asked: str) -> Any:
        """Have the first lane print the receipt of a sale."""
        (found, *_) = self.get(f"/v1/receipts/find?transaction_id={number(place)}")["receipts"]
        answer = self.lanes[LANES[0]].post(f"/v1/receipts/{found['code']}/print", json=asked)
        return answer.json()["payload"]

    def get(self, path: str) -> Any:
        """Ask as the manager."""
        with self._manager() as client:
            return client.get(path).json()["payload"]

    def do(self, path: str, **body: Any) -> Any:
        """Post as the manager Ada."""
        with self._manager() as client:
            answer = client.post(path, json=body if path == "/v1/terminals" else {"by": "ada", **body})
        assert answer.is_success, answer.text
        return answer.json()["payload"]

    def until(self, found: Callable[[], Any]) -> Any:
        """Ask until the answer is true."""
        end = time.monotonic() + WITHIN_SECONDS
        while not (value := found()):
            assert time.monotonic() < end, self.agent.log.read_text()
        return value

    def close(self) -> None:
        """Close the lanes."""
        for client in self.lanes.values():
            client.close()

    def _manager(self) -> httpx.Client:
        headers = ControlToken(self.agent.directory / "data").headers()
        return httpx.Client(base_url=self.agent.url, headers=headers, timeout=20.0, trust_env=False)

    def _post(self, lane: str, call: str, payload: dict[str, Any]) -> None:
        answer = self.lanes[lane].post(f"/api/2.0/{call}", json={"request_payload": payload})
        assert answer.is_success or answer.status_code == httpx.codes.INSUFFICIENT_STORAGE, answer.text


def empty(store: Store) -> None:
    """Tell of a store on its first morning: the agent runs and nothing was ever sold."""
    store.agent.start()
    store.until(lambda: store.get("/v1/status")["chores"]["backup"]["succeeded_at"])


def online(store: Store) -> None:
    """Tell of a good day: all is at the platform, one lane was lost and shut out, the day before was closed."""
    store.open_shop()
    store.do("/v1/day/close")
    store.at("11:30").do("/v1/outbox/drain")
    store.sell(60, "11:31", "14:29")
    store.delivered(86)
    store.at("12:10").do("/v1/terminals", name="old-till")
    store.at("12:40")
    with store._manager() as client:
        assert client.delete("/v1/terminals/old-till").is_success


def offline(store: Store) -> None:
    """Tell of a line that broke three hours ago, while the lanes went on selling; two sales are held back."""
    store.open_shop()
    store.platform.set_faults(["down"])
    store.sell(1, "11:20", "11:20")
    store.agent.wait_for_link("backing_off")
    store.sell(186, "11:21", "14:30")
    store.at("14:31").do("/v1/outbox/hold", sequences=[60, 61], reason="the guest asked to wait")


def draining(store: Store) -> None:
    """Tell of a line that is back after three hours: what waited goes out."""
    offline(store)
    before = store.platform.totals()["requests_received"]
    store.platform.set_faults(["slow:ms=150"])
    store.at("14:31:40").do("/v1/outbox/drain")
    store.platform.wait_for(lambda totals: totals["requests_received"] >= before + 9, within_s=WITHIN_SECONDS)
    store.platform.set_faults(["hang"])
    store.platform.wait_for(lambda totals: totals["requests_hanging"] == 1, within_s=WITHIN_SECONDS)


def parked(store: Store) -> None:
    """Tell of sales that the platform refused for several causes, one of them overtaken by a newer state."""
    store.open_shop()
    refused = {0: "1042", 2: "1042", 4: "1042", 6: "7788", 8: "offer"}
    named = {place: number(store.sold + 1 + place) for place in refused}
    people = "+".join(named[place] for place in (0, 2, 4))
    store.platform.set_faults(
        [
            f"refuse:ids={people},message=Unknown employee 1042,field=pos_employee_id,count=3",
            f"refuse:ids={named[6]},message=Unknown item 7788,field=items[0].item_id",
            f"refuse:ids={named[8]},message=Offer 5 was redeemed already,field=discounts[0].reference_id",
        ]
    )
    for place in range(10):
        changes: dict[str, Any] = {"item": UNKNOWN} if place == 6 else {}
        changes |= {"pos_employee_id": "1042"} if place in (0, 2, 4) else {}
        store.sell(1, f"12:{10 + place}", f"12:{10 + place}", **changes)
        store.until(lambda: store.get("/v1/outbox/extent?state=open")["sales"] == 0)
    store.sold -= 10
    store.sell(1, "12:40", "12:40", is_voided=True)
    store.until(lambda: store.get("/v1/outbox/extent?state=open")["sales"] == 0)


def printing(store: Store) -> None:
    """Tell of a printer that is off since somebody moved the counter."""
    store.open_shop()
    store.at("14:28")
    assert store.print_receipt(4)["state"] == "waiting"
    store.at("14:30")
    assert store.print_receipt(8)["state"] == "waiting"
    assert store.print_receipt(9, printer="office")["state"] == "printed"


def halted(store: Store) -> None:
    """Tell of credentials that the platform refuses since an hour."""
    store.open_shop()
    store.platform.set_faults(["status:code=401"])
    store.sell(1, "13:20", "13:20")
    store.agent.wait_for_link("halted")
    store.sell(41, "13:21", "14:30")


def low(store: Store) -> None:
    """Tell of a disk on which something else takes the room."""
    store.open_shop()
    store.agent.machine.free = 310e6
    store.at("13:58")
    store.until(lambda: store.get("/v1/status")["space"]["room"] == "low")


def full(store: Store) -> None:
    """Tell of a disk without room, and a line that is down."""
    offline(store)
    store.agent.machine.free = 21e6
    store.at("14:31")
    store.until(lambda: store.get("/v1/status")["space"]["room"] == "full")


def damaged(store: Store) -> None:
    """Tell of a database that was damaged at the last start, and mended."""
    store.open_shop()
    store.platform.set_faults(["down"])
    store.sell(8, "13:30", "13:50")
    store.at("13:52")
    assert store.agent.stop() == 0
    with (store.agent.directory / "data" / "store-agent.db").open("r+b") as file:
        file.write(b"\xa5" * 100)
    store.platform.set_faults([])
    store.at("13:55").agent.start()
    store.until(lambda: (store.get("/v1/status") or {}).get("incidents"))
    store.until(lambda: store.get("/v1/outbox/extent?state=open")["sales"] == 0)


def starting(store: Store) -> None:
    """Tell of an agent that is still opening its database."""
    store.agent.machine.may_open = False
    store.agent._answers = lambda: _listens(store.agent)  # type: ignore[method-assign]
    store.at("14:31").agent.start()


def _listens(agent: AgentProcess) -> bool:
    try:
        return agent.client.get("/healthz").is_success
    except httpx.TransportError:
        return False


_PLAIN = (empty, online, offline, draining, parked, printing, halted, low, full, damaged, starting)
STORIES: dict[str, Callable[[Store], None]] = {
    **{story.__name__: story for story in _PLAIN},
    "cashier": offline,
    "stranger": empty,
}


@contextmanager
def told(story: str, directory: Path) -> Iterator[Store]:
    """Run an agent that a story has happened to, at the time of all scenes."""
    with SandboxServer(SandboxOptions(port=0)) as platform:
        agent = ToldAgent(directory, platform.url)
        try:
            store = Store(agent, platform)
            STORIES[story](store)
            store.at("14:32")
            yield store
            store.close()
        finally:
            platform.set_faults([])
            agent.close()
