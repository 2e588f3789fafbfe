"""The agent itself: how it is, who may call, what went wrong."""

from typing import Any, Literal

from pydantic import Field

from store_agent.api.shapes.container import Amount, Moment, Shape, Words
from store_agent.api.shapes.queue import Count
from store_agent.domain.health import Verdict
from store_agent.domain.link import LinkState
from store_agent.domain.roles import Role
from store_agent.domain.space import Room


class Alive(Shape):
    """The process answers."""

    version: str


class Ready(Shape):
    """Sales are stored and sent."""

    ready: Literal[True]


class Caller(Shape):
    """As whom a caller is known, and by which way."""

    name: str
    role: Role
    over: Literal["socket", "tcp"]
    store_id: str
    version: str


class Link(Shape):
    """The line; `reason` and `cure` are empty when it is up, `contacted` tells that the platform ever answered."""

    state: LinkState
    since: Moment
    reason: str
    cure: str
    contacted: bool


class Calls(Shape):
    """Deferred calls among the revisions."""

    waiting: Count
    frozen: Count
    held: Count
    parked: Count


class Queue(Shape):
    """Revisions by state. Amount and age are of everything on the way to the platform: waiting, frozen and held."""

    waiting: Count
    frozen: Count
    held: Count
    parked: Count
    delivered: Count
    superseded: Count
    discarded: Count
    accepted: Count
    balanced: bool
    calls: Calls
    oldest_waiting_seconds: float | None = Field(ge=0)
    waiting_amount: Amount


class Space(Shape):
    """The disk; how long the room lasts is null where it is not known."""

    room: Room
    free_bytes: int
    reserved_bytes: int
    sales_left: int | None
    seconds_left: int | None


class Incident(Shape):
    """Damage that was found and mended."""

    number: int = Field(ge=1)
    at: Moment
    words: Words


class IncidentDetail(Incident):
    """With the report of what was saved."""

    details: dict[str, Any]


class Incidents(Shape):
    """Not yet acknowledged, oldest first."""

    incidents: list[IncidentDetail]


class Acknowledged(Shape):
    """The incident that is shown no more."""

    number: int = Field(ge=1)


class Chore(Shape):
    """Something that is done now and then; `problem` is empty if it last went well."""

    succeeded_at: Moment | None
    every_seconds: float
    problem: str


class Backup(Shape):
    """The newest backup; null if there is none."""

    made_at: Moment | None


class Clock(Shape):
    """The machine's clock beside the platform's; null while it is not known."""

    ahead_seconds: float | None


class Status(Shape):
    """Line, queue and amounts, also in plain words."""

    version: str
    words: list[Words]
    link: Link
    outbox: Queue
    space: Space
    incidents: list[Incident]
    notices: list[Words]
    chores: dict[str, Chore]
    backup: Backup
    clock: Clock


class Finding(Shape):
    """Something that is not as it should be; `name` is stable, `cure` says what to do."""

    name: str
    verdict: Verdict
    words: Words
    cure: Words


class StoreHealth(Shape):
    """The verdict with its findings, the worst first; no amounts, no names. `waiting` are sales and deferred calls."""

    verdict: Verdict
    words: Words
    findings: list[Finding]
    waiting: Count
    oldest_waiting_seconds: float | None
    link: LinkState
    version: str


class Starting(Shape):
    """What is known until the database is open."""

    version: str
    words: list[Words]
    link: None
    outbox: None
    space: None


class Reloaded(Shape):
    """Tables of the configuration whose changes want a restart."""

    restart_for: list[str]


class Terminal(Shape):
    """Who may call; `former_seconds` is how long the token before a rotation is still good."""

    name: str
    role: Role
    added_at: Moment
    revoked_at: Moment | None
    seen_at: Moment | None
    former_seconds: int | None


class Terminals(Shape):
    """All of them, revoked ones included."""

    terminals: list[Terminal]


class Added(Shape):
    """A new terminal; the token is shown only here."""

    terminal: str
    role: Role
    token: str


class Rotated(Shape):
    """Another token, shown only here; the one before is good for so many seconds."""

    terminal: str
    token: str
    former_seconds: int = Field(ge=0)


class Revoked(Shape):
    """A terminal that is shut out."""

    terminal: str
