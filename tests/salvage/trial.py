"""One damage to one store: found or not, and if it is, what became of every sale."""

import contextlib
import json
from collections import Counter
from pathlib import Path
from random import Random

from store_agent.storage.connection import connect_writer
from store_agent.storage.integrity import inspect
from store_agent.storage.key import Keys
from store_agent.storage.locked import key_of
from store_agent.storage.salvage.course import salvage
from store_agent.storage.salvage.report import SALES_FILE, Report
from tests.salvage.damages import SMALL, Damage
from tests.salvage.histories import CLOCK, History, Truth, truth_of

SECONDS = 60.0
FINAL = ("delivered", "superseded", "discarded")
UNSENT = ("waiting", "held")


def run(history: History, damage: Damage, seed: str, directory: Path) -> Counter[str]:
    """Damage a copy of a store and bring it back; gives what happened, raises AssertionError for what never may.

    More than a changed byte in the very last commit looks like a power cut before it was synced, and is taken as such;
    if it hides where that commit began, the one before goes with it.
    """
    path = history.put(directory)
    damage(directory, Random(seed))  # noqa: S311 - a trial that can be repeated
    keys = Keys(history.key, (history.key,) if history.key else ())
    key = key_of(path, keys)
    assert key == history.key
    found = look(path, key)
    report = salvage(path, found, CLOCK, keys) if found else None
    again = look(path, key) if report else ""
    assert again == "", again
    now = truth_of(path, key)
    with contextlib.suppress(AssertionError):
        return _judge(history.truth, now, report, directory)
    for earlier in () if damage in SMALL else history.earlier:
        with contextlib.suppress(AssertionError):
            return _judge(earlier, now, report, directory) + Counter({"as after a power cut": 1})
    return _judge(history.truth, now, report, directory)


def _judge(truth: Truth, now: Truth, report: Report | None, directory: Path) -> Counter[str]:
    return _unnoticed(truth, now) if report is None else check(truth, now, report, directory)


def look(path: Path, key: str = "") -> str:
    """Look for damage as the agent does when it opens a database."""
    findings = inspect(path, lambda: connect_writer(path, key), SECONDS, CLOCK, key)
    assert findings.complete or findings.damage
    return findings.damage


def _unnoticed(truth: Truth, now: Truth) -> Counter[str]:
    """Damage that nobody notices must not matter: whatever may still go out, and every state, is as it was."""
    assert _states(now) == _states(truth), "unnoticed"
    for sequence, before in truth.revisions.items():
        if before[2] not in FINAL:
            assert now.revisions[sequence] == before, f"{sequence} is changed unnoticed"
    assert now.requests == truth.requests, "unnoticed"
    return Counter(harmless=1)


def _states(truth: Truth) -> dict[int, str]:
    return {sequence: state for sequence, (_, _, state) in truth.revisions.items()}


def check(truth: Truth, now: Truth, report: Report, directory: Path) -> Counter[str]:
    """Every sale is accounted for; nothing that the platform may have goes out under another request."""
    lost, doubtful = _told(directory / report.directory / SALES_FILE)
    happened = Counter(salvaged=1)
    for sequence, before in truth.revisions.items():
        after = now.revisions.get(sequence)
        told = sequence in lost or sequence in doubtful
        _check_one(sequence, before, after, told=told or (after is None and report.may_be_more))
        happened[_what(before, after)] += 1
    assert set(now.requests.items()) <= set(truth.requests.items()), "another request would go out"
    happened["codes lost"] += len(set(truth.codes) - set(now.codes))
    happened["codes"] += len(truth.codes)
    happened["told lost"] += report.lost_count + report.missing_count
    return happened


def _check_one(
    sequence: int,
    before: tuple[str, bytes, str],
    after: tuple[str, bytes, str] | None,
    *,
    told: bool,
) -> None:
    transaction, text, state = before
    if after is None:
        assert told or state in FINAL, f"{sequence} ({state}) is gone without a word"
        return
    if after[2] not in FINAL:
        assert (after[0], after[1]) == (transaction, text), f"{sequence} would go out changed"
    if after[2] in UNSENT:
        assert state in UNSENT, f"{sequence} ({state}) would go out again"
    if state not in FINAL and after[2] != state:
        assert (after[2] == "parked" and told) or after[2] == "delivered", f"{sequence}: {state} became {after[2]}"
        assert after[2] != "delivered" or state == "frozen"
    if state in FINAL:
        assert after[2] == state or (after[2] == "parked" and told), f"{sequence}: {state} became {after[2]}"


def _what(before: tuple[str, bytes, str], after: tuple[str, bytes, str] | None) -> str:
    kind = "settled" if before[2] in FINAL else "open"
    if after is None:
        return f"{kind} lost"
    return f"{kind} kept" if after[2] == before[2] else f"{kind} in doubt"


def _told(file: Path) -> tuple[set[int], set[int]]:
    lost: set[int] = set()
    doubtful: set[int] = set()
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["what"] == "lost":
            lost.add(entry["sequence"])
        elif entry["what"] == "doubtful":
            doubtful.add(entry["sequence"])
        elif entry["what"] == "nothing found":
            lost |= set(range(entry["first"], entry["last"] + 1))
    return lost, doubtful
