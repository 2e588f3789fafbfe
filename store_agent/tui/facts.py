"""What stands below the verdict: disk, catalog, employees, backup, clock, agent; one line each."""

from collections.abc import Mapping
from typing import Any

from store_agent.tui.words import age, count, duration, moment, plain

Json = dict[str, Any]

NOTICEABLE_SECONDS = 2.0
"""A clock that is wrong by less is right."""


def facts(status: Json, shelves: Mapping[str, Json], now: float) -> list[tuple[str, str]]:
    """Give names and values. `shelves` are catalog and employees as far as they are known by now."""
    return [
        ("Refused", _refused(status["outbox"])),
        ("Disk", disk_words(status["space"])),
        ("Catalog", shelf_words(shelves.get("catalog"), "item", "items", now)),
        ("Employees", shelf_words(shelves.get("employees"), "employee", "employees", now)),
        ("Last backup", _backup(status, now)),
        ("Clock", _clock(status["clock"]["ahead_seconds"])),
        ("Books", _books(status["outbox"])),
        ("Agent", f"store-agent {plain(status['version'])}"),
    ]


def disk_words(space: Json) -> str:
    """Say how much room there is, in sales and time."""
    if space["room"] == "full":
        return "✗ FULL: no room for new sales"
    lead = {"plenty": "Room for", "low": "! GETTING FULL: room for"}[space["room"]]
    if space["sales_left"] is None:
        return f"{lead.removesuffix(' for')}, {space['free_bytes'] / 1e9:,.1f} GB free"
    room = f"{lead} {count(space['sales_left'], 'sale', 'sales')}"
    if space["seconds_left"] is None:
        return room + " (nothing is sold just now)"
    return f"{room}, {_hours(space['seconds_left'])} of selling"


def shelf_words(shelf: Json | None, one: str, many: str, now: float) -> str:
    """Say as of when catalog or employees are."""
    if shelf is None:
        return "…"
    version = shelf["version"]
    if version is None:
        return f"! {plain(shelf['trouble'])}" if shelf["trouble"] else "none was ever imported"
    entries = sum(version["counts"].values())
    return f"as of {moment(version['as_of'], now)}, {count(entries, one, many)}{_upload(shelf.get('upload'), now)}"


def _upload(upload: Json | None, now: float) -> str:
    if upload is None:
        return ""
    if upload["state"] == "delivered":
        return f"; uploaded {age(upload['settled_at'], now)} ago"
    if upload["state"] == "parked":
        return f"; ! its upload was refused: {plain(upload['error'])}"
    return "; its upload waits" if upload["state"] in ("waiting", "frozen", "held") else ""


def _refused(outbox: Json) -> str:
    if not outbox["parked"]:
        return "none"
    return f"! {count(outbox['parked'], 'sale needs', 'sales need')} you: press 3"


def _hours(seconds: float) -> str:
    return duration(seconds - seconds % 3_600 if seconds >= 3_600 else seconds)  # noqa: PLR2004 - an hour


def _backup(status: Json, now: float) -> str:
    at, problem = status["backup"]["made_at"], (status["chores"].get("backup") or {}).get("problem")
    made = "none yet" if at is None else moment(at, now)
    return f"! {plain(problem)} Last: {made}" if problem else made


def _clock(ahead: float | None) -> str:
    if ahead is None:
        return "not compared with the platform yet"
    if abs(ahead) < NOTICEABLE_SECONDS:
        return "agrees with the platform's"
    return f"{duration(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the platform's"


def _books(outbox: Json) -> str:
    taken = f"{outbox['accepted']:,} taken = {outbox['delivered']:,} at the platform + {_others(outbox)} others"
    return taken if outbox["balanced"] else f"! DO NOT BALANCE: {taken}; tell whoever looks after the agent"


def _others(outbox: Json) -> str:
    return f"{outbox['accepted'] - outbox['delivered']:,}"
