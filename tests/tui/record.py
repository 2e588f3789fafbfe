"""Records scenes: `python -m tests.tui.record [SCENE ...]`, all of them without a name.

A story happens to a real agent in front of the sandbox; then the screens are gone through as for the pictures, and what
the agent answers is kept.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from store_agent.cloud.transport import Answer
from store_agent.local.address import Address
from store_agent.local.agent import LocalAgent
from store_agent.local.credentials import ControlToken, Credentials
from tests.tui.gallery import LARGE, SHOTS, SMALL, pose
from tests.tui.scenes import Scene
from tests.tui.shop import LANES
from tests.tui.sitting import elsewhere, sitting
from tests.tui.stories import STORIES, Store, told

MOVED = "queue.moved"
"""A pulse that comes by the clock of the machine: it is left out, and the screens list it nowhere."""

Found = dict[str, tuple[int, Any]]


class Tape:
    """What was answered and told."""

    def __init__(self) -> None:
        self.answers: Found = {}
        self.events: dict[int, Any] = {}

    def way(self, address: Address, credentials: Any) -> "Recorded":
        """Make a way to the agent that is recorded."""
        return Recorded(self, address, credentials)


class Recorded(LocalAgent):
    """Keeps on a tape what it is answered."""

    def __init__(self, tape: Tape, address: Address, credentials: Any) -> None:
        super().__init__(address, credentials)
        self._tape = tape

    async def send(self, method: str, path: str, content: bytes) -> Any:
        assert not content, "no picture is of what changes something"
        return self._payload(await self.ask(method, path))

    async def ask(self, method: str, path: str) -> Answer:
        """Ask, and keep the answer, whatever it is."""
        answer = await self._transport.request(method, path, self._headers())
        assert isinstance(answer, Answer), answer
        self._tape.answers[f"{method} {path}"] = (answer.status, json.loads(answer.body))
        return answer

    async def stream(self, path: str) -> AsyncGenerator[str | None]:
        number = 0
        async for line in super().stream(path):
            if line and line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
            elif line and line.startswith("id: ") and data["name"] != MOVED:
                number = int(line.removeprefix("id: "))
                self._tape.events[number] = data
            yield line


async def record(name: str, store: Store) -> Scene:
    """Go through all screens of a scene, at both sizes."""
    tape = Tape()
    address, credentials = Address(store.agent.url), credentials_of(name, store)
    for shot in SHOTS:
        for size in (SMALL, LARGE) if shot.scene == name else ():
            await pose(shot, sitting(address, size, credentials, tape.way))
    events = [{"id": place, "data": data} for place, data in enumerate(tape.events.values(), 1)]
    return _elsewhere(Scene(name, tape.answers, events), store)


def credentials_of(name: str, store: Store) -> ControlToken | Credentials:
    """Give who looks: the manager, a lane, or somebody whom the agent does not know."""
    if name == "cashier":
        return Credentials(LANES[0], store.agent.token)
    if name == "stranger":
        return Credentials("manager", "a guess")
    return ControlToken(store.agent.directory / "data")


def _elsewhere(scene: Scene, store: Store) -> Scene:
    """Put the agent where it usually is, and let chores have been done when they were looked at."""
    text = json.dumps([list(scene.answers.items()), scene.events])
    text = text.replace(str(store.agent.directory / "data"), "/var/lib/store-agent")
    text = text.replace(str(store.agent.directory / "office"), "/srv/receipts")
    text = text.replace("127.0.0.1:9", "192.168.1.50:9100")
    text = text.replace(store.platform.url, "https://pos.example.com")
    answers, events = json.loads(text)
    return Scene(scene.name, {asked: (status, _settled(body)) for asked, (status, body) in answers}, events)


def _settled(body: Any) -> Any:
    """Leave out what goes by the clock of the machine: which small chores were just done, the time of files."""
    status = body.get("payload") or {}
    for name, chore in (status.get("chores") or {}).items():
        if name == "backup":
            status["backup"]["made_at"] = chore["succeeded_at"]
        else:
            chore["succeeded_at"] = None
    return body


def main(names: list[str]) -> None:
    """Record scenes by name."""
    with elsewhere():
        for name in names or STORIES:
            with tempfile.TemporaryDirectory() as directory, told(name, Path(directory)) as store:
                scene = asyncio.run(record(name, store))
            scene.save()
            sys.stdout.write(f"{name}: {len(scene.answers)} answers, {len(scene.events)} events\n")


if __name__ == "__main__":
    main(sys.argv[1:])
