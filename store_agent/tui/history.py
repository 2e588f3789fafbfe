"""What happened to a sale, in plain words: when it was taken, every try to send it, what people did, how it stands."""

from typing import Any

from textual.content import Content

from store_agent.tui.words import STATE_MEANING, STATE_SIGNS, STATE_WORDS, plain, stamp

Json = dict[str, Any]

_DEEDS = {
    "retry": "had it sent again",
    "hold": "held it back",
    "release": "released it",
    "discard": "discarded it",
    "export": "exported it",
}


def history_lines(sale: Json) -> Content:
    """Draw up the history, the oldest first, of what the API gives of a sale."""
    state = sale["state"]
    happened = sorted([*_taken(sale), *_tries(sale), *_people(sale), *_settled(sale)], key=lambda one: one[0])
    parts: list[str | tuple[str, str]] = [
        (f"{STATE_SIGNS[state]} {STATE_WORDS[state].upper()}\n", "bold"),
        f"{STATE_MEANING[state]}\n\n",
    ]
    for at, words in happened:
        parts += [(stamp(at), "bold"), f"  {words}\n"]
    if sale["platform_said"]:
        parts += [("\nThe platform's own words\n", "bold"), plain(sale["platform_said"]), "\n"]
    if sale["fields"]:
        parts.append(f"Fields it names: {plain(', '.join(sale['fields']))}\n")
    for warning in sale["warnings"]:
        parts.append(f"\nNoticed when it was taken: {plain(warning['message'])}\n")
    if sale["request_id"]:
        parts.append(f"\nRequest {plain(sale['request_id'])}, digest {plain(sale['digest'][:16])}…\n")
    return Content.assemble(*parts)


def _taken(sale: Json) -> list[tuple[float, str]]:
    how = "to be sent at once" if sale["delivery"] == "live" else "into the queue"
    return [(sale["accepted_at"], f"Taken from {plain(sale['terminal'])}, {how}; safe on this machine.")]


def _tries(sale: Json) -> list[tuple[float, str]]:
    found = []
    for one in sale.get("tries", []):
        again = f" ({one['times']:,} times until {stamp(one['last_at'])})" if one["times"] > 1 else ""
        found.append((one["first_at"], f"Tried: {plain(one['words'])}{again}"))
    return found


def _people(sale: Json) -> list[tuple[float, str]]:
    found = []
    for entry in sale["history"]:
        reason = f": {plain(entry['reason'])}" if entry["reason"] else "."
        found.append((entry["at"], f"{plain(entry['who'])} {_DEEDS.get(entry['action'], entry['action'])}{reason}"))
    return found


def _settled(sale: Json) -> list[tuple[float, str]]:
    ends = {
        "delivered": "The platform took it.",
        "superseded": "A newer state of the same sale took its place.",
    }
    if sale["settled_at"] is None or sale["state"] not in ends:
        return []
    return [(sale["settled_at"], ends[sale["state"]])]
