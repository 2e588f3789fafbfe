"""What becomes of kept sales, decided without any connection."""

import json
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.client import (
    AgentProblem,
    Call,
    Calls,
    FieldProblem,
    Flushed,
    NotAllowed,
    NotKept,
    NotNow,
    OutcomeUnknown,
    Refused,
    Taken,
    Timeouts,
)
from store_agent.client.flushing import DOUBTS_MAX, Pass
from store_agent.client.kept import KeptSales

CALLS = Calls("lane-1", "token-1", Timeouts(), {})
Outcome = Taken | AgentProblem

DOUBT = OutcomeUnknown("retry", "Send it again.", status=503)
AWAY = NotNow("no_connection", "Not there.")
WRONG = Refused("invalid_field", "Bad.", status=400, fields=(FieldProblem("request_payload.items", "is missing"),))


def directory(path: Path) -> KeptSales:
    return KeptSales(path / "kept", sales_max=100, turn_seconds=0.0)


def keep(kept: KeptSales, transaction_id: str, state: int = 1) -> None:
    kept.put(CALLS.write_sale({"transaction_id": transaction_id, "subtotal": Decimal(state)}))


def transaction(call: Call[Taken]) -> tuple[str, int]:
    sale = json.loads(call.request.body)["request_payload"]
    return sale["transaction_id"], sale["subtotal"]


def taken(transaction_id: str) -> Taken:
    return Taken(transaction_id, 1, (), (), queued=False, raw={})


def flush(kept: KeptSales, decide: Callable[[str, int], Outcome | None]) -> tuple[Flushed, list[tuple[str, int]]]:
    """Flush with an agent that decides like this; None means that it takes the sale."""
    seen = []
    with Pass(kept, CALLS) as sending:
        while (call := sending.next_call()) is not None:
            seen.append(transaction(call))
            sending.settle(decide(*seen[-1]) or taken(seen[-1][0]))
    return sending.flushed, seen


def take_all(_: str, __: int) -> None:
    return None


def test_what_is_taken_is_forgotten(tmp_path: Path) -> None:
    kept = directory(tmp_path)
    keep(kept, "T-1")
    keep(kept, "T-2")
    flushed, seen = flush(kept, take_all)
    assert seen == [("T-1", 1), ("T-2", 1)]
    assert (flushed.left, flushed.problem, kept.names()) == (0, None, [])
    assert flushed.of("T-2") == taken("T-2")
    assert flushed.of("T-3") is None


@pytest.mark.parametrize(
    "problem",
    [
        AWAY,
        NotNow("starting", "Starting.", status=503),
        NotNow("disk_full", "Full.", status=507),
        NotNow("throttled", "Slowly.", status=429),
        NotAllowed("unauthorized", "Who?", status=401),
        Refused("not_found", "No such route.", status=404),
        Refused("invalid_field", "Bad.", status=400, fields=(FieldProblem("store_id", "is not this one"),)),
    ],
)
def test_what_concerns_every_sale_ends_the_pass_and_keeps_all(tmp_path: Path, problem: AgentProblem) -> None:
    kept = directory(tmp_path)
    keep(kept, "T-1")
    keep(kept, "T-2")
    flushed, seen = flush(kept, lambda *_: problem)
    assert len(seen) == 1
    assert (flushed.left, flushed.problem, len(kept.names())) == (2, problem, 2)


def test_a_refused_sale_lies_aside_with_its_error_and_newer_states_go_on(tmp_path: Path) -> None:
    kept = directory(tmp_path)
    keep(kept, "T-1", 1)
    keep(kept, "T-1", 2)
    flushed, seen = flush(kept, lambda _, state: WRONG if state == 1 else None)
    assert seen == [("T-1", 1), ("T-1", 2)]
    (aside,) = flushed.set_aside
    assert (aside.transaction_id, aside.problem, flushed.left) == ("T-1", WRONG, 0)
    assert b'"T-1"' in aside.file.read_bytes()
    note = json.loads(aside.file.with_suffix(".error.json").read_text())
    assert note == {
        "code": "invalid_field",
        "message": "Bad.",
        "fields": [{"path": "request_payload.items", "message": "is missing"}],
    }
    assert aside.file.parent.name == "refused"


def test_a_sale_too_large_lies_aside_too(tmp_path: Path) -> None:
    kept = directory(tmp_path)
    keep(kept, "T-1")
    flushed, _ = flush(kept, lambda *_: Refused("too_large", "Too large.", status=413))
    assert [aside.transaction_id for aside in flushed.set_aside] == ["T-1"]


def test_a_sale_in_doubt_does_not_hold_up_others_but_its_own_next_states_G4(tmp_path: Path) -> None:
    assert in_doubt(tmp_path) == [("T-1", 1), ("T-2", 1)]


def test_sending_on_after_a_doubt_would_be_noticed_G4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(Pass, "_pass_over", lambda *_: None)
    assert in_doubt(tmp_path) == [("T-1", 1), ("T-1", 2), ("T-2", 1)]


def in_doubt(path: Path) -> list[tuple[str, int]]:
    """Send two states of a transaction, the first of which stays in doubt, and another one."""
    kept = directory(path)
    keep(kept, "T-1", 1)
    keep(kept, "T-1", 2)
    keep(kept, "T-2")
    _, seen = flush(kept, lambda name, state: DOUBT if (name, state) == ("T-1", 1) else None)
    return seen


def test_a_pass_ends_after_a_few_doubts_since_a_cashier_may_wait(tmp_path: Path) -> None:
    kept = directory(tmp_path)
    for number in range(DOUBTS_MAX + 2):
        keep(kept, f"T-{number}")
    flushed, seen = flush(kept, lambda *_: DOUBT)
    assert len(seen) == DOUBTS_MAX
    assert (flushed.left, flushed.problem) == (DOUBTS_MAX + 2, DOUBT)


def test_a_damaged_file_lies_aside_and_the_others_go(tmp_path: Path) -> None:
    kept = directory(tmp_path)
    for name in ("T-1", "T-2", "T-3"):
        keep(kept, name)
    first, second, _ = kept.names()
    (tmp_path / "kept" / first).write_bytes(b"")
    kept.remove(second)
    kept.put(b"not a request")
    flushed, seen = flush(kept, take_all)
    assert seen == [("T-3", 1)]
    assert [(aside.transaction_id, aside.file.parent.name) for aside in flushed.set_aside] == [(None, "damaged")] * 2
    assert all(aside.file.exists() for aside in flushed.set_aside)
    assert (flushed.left, flushed.problem, kept.names()) == (0, None, [])


def test_only_one_sends_from_a_directory(tmp_path: Path) -> None:
    kept = directory(tmp_path)
    keep(kept, "T-1")
    with Pass(kept, CALLS):
        flushed, seen = flush(directory(tmp_path), take_all)
    assert seen == []
    assert isinstance(flushed.problem, NotNow)
    assert (flushed.problem.code, flushed.left) == ("busy", None)
    assert flush(kept, take_all)[0].left == 0


def test_what_was_taken_is_told_even_if_it_cannot_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = directory(tmp_path)
    keep(kept, "T-1")
    keep(kept, "T-2")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", fail)
    flushed, seen = flush(kept, take_all)
    assert len(seen) == 1
    assert flushed.of("T-1") is not None
    assert isinstance(flushed.problem, NotKept)
    assert flushed.left == 2


def test_a_directory_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    flushed, _ = flush(directory(tmp_path), take_all)
    assert isinstance(flushed.problem, NotKept)
    assert flushed.left is None


class Agent:
    """Takes sales as the real one does: the same again is no new state. `seen` is what it took, in order."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.refused: list[tuple[str, int]] = []

    def answer(self, sale: tuple[str, int], deed: str) -> Outcome | None:
        """Answer a sale; None stands for a plugin that dies before it hears."""
        if deed in ("take", "lose the answer", "plugin dies") and sale not in self.seen:
            self.seen.append(sale)
        if deed == "refuse" and sale not in self.seen:
            self.refused.append(sale)
            return WRONG
        return {"lose the answer": DOUBT, "fail": DOUBT, "away": AWAY, "plugin dies": None}.get(deed, taken(sale[0]))


DEEDS = ("take", "lose the answer", "fail", "refuse", "away", "plugin dies")
STEPS = st.one_of(st.sampled_from(["A", "B", "C"]), st.lists(st.sampled_from(DEEDS), min_size=1, max_size=6).map(tuple))


class Died(BaseException):
    """The plugin."""


def live_through(path: Path, steps: list[str | tuple[str, ...]]) -> None:
    """Keep sales and flush with answers as listed, then with an agent that takes all; check what it got."""
    kept, agent, put = directory(path), Agent(), []
    for number, step in enumerate(steps):
        if isinstance(step, str):
            keep(kept, step, number)
            put.append((step, number))
        else:
            with suppress(Died):
                flush(kept, answering(agent, iter(step)))
    flush(kept, answering(agent, iter(())))
    assert kept.names() == []
    assert set(agent.seen) | set(agent.refused) == set(put)
    for name in "ABC":
        states = [state for one, state in agent.seen if one == name]
        assert states == sorted(states)


def answering(agent: Agent, deeds: Any) -> Callable[[str, int], Outcome]:
    def decide(name: str, state: int) -> Outcome:
        answer = agent.answer((name, state), next(deeds, "take"))
        if answer is None:
            raise Died
        return answer

    return decide


@given(st.lists(STEPS, max_size=14))
def test_any_history_brings_every_sale_to_the_agent_in_order_G4_G9(steps: list[str | tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        live_through(Path(folder), steps)


@pytest.mark.parametrize(
    "broken",
    [
        ("_pass_over", lambda sending, _: sending._end(lambda: sending._kept.remove(sending._name))),
        ("_pass_over", lambda *_: None),
        ("_stop", lambda sending, _: sending._end(lambda: sending._kept.remove(sending._name))),
    ],
    ids=["forgetting in doubt", "sending on after a doubt", "forgetting when the agent is away"],
)
def test_a_history_shows_what_is_lost_or_out_of_order_G4_G9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[str, Any]
) -> None:
    """The control."""
    monkeypatch.setattr(Pass, *broken)
    histories: list[list[str | tuple[str, ...]]] = [["A", "A", ("fail", "take")], ["A", ("fail",)], ["A", ("away",)]]
    failures = 0
    for number, steps in enumerate(histories):
        try:
            live_through(tmp_path / str(number), steps)
        except AssertionError:
            failures += 1
    assert failures
