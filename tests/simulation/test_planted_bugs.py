"""The control of the simulation: bugs put into the real code on purpose are found, each within some seeds."""

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from store_agent.cloud.sessionm.platform import SessionM
from store_agent.domain.batch import BatchLimits, FrozenBatch, pieces, plan
from store_agent.domain.outcome import Loss, Outcome, PlatformFailure, Refused, Transport
from store_agent.domain.settle import Decision, Deliver, Park, Split, decide
from store_agent.drain.lane import Lane
from store_agent.drain.lanes import Lanes
from store_agent.storage import intake, outbox, sqlite, waiting, writer
from store_agent.storage.migrate import steps
from store_agent.storage.outbox import Outbox
from tests.simulation.draw import draw
from tests.simulation.folder import open_folder
from tests.simulation.plan import Scenario
from tests.simulation.run import run_seed

Patch = pytest.MonkeyPatch


def found_within(seeds: int, only: Scenario | None = None) -> str:
    """Run seeds, perhaps those of one scenario, until one finds something; gives the guarantee that it names."""
    with open_folder() as folder:
        for seed in range(seeds):
            if only is not None and draw(seed).scenario is not only:
                continue
            violations = run_seed(seed, folder).violations
            if violations:
                return violations[0].guarantee
    return "nothing"


def change_schema(monkeypatch: Patch, old: str, new: str) -> None:
    """Change what databases are made with."""
    right = steps()
    assert sum(old in step for step in right) == 1
    changed = [step.replace(old, new) for step in right]
    monkeypatch.setattr("tests.simulation.folder.steps", lambda: changed)


def change_query(monkeypatch: Patch, queries: dict[str, str], name: str, old: str, new: str) -> None:
    """Change a query."""
    assert old in queries[name]
    monkeypatch.setitem(queries, name, queries[name].replace(old, new))


def change_decision(monkeypatch: Patch, wrong: Callable[[Outcome, FrozenBatch], Decision | None]) -> None:
    """Let something else decide where it wants to."""

    def changed(outcome: Outcome, batch: FrozenBatch, **facts: Any) -> Decision:
        return wrong(outcome, batch) or decide(outcome, batch, **facts)

    monkeypatch.setattr("store_agent.drain.line.decide", changed)


def test_nothing_is_found_where_nothing_is_broken() -> None:
    assert found_within(50) == "nothing"


def test_a_new_request_id_for_each_try_is_found_G3(monkeypatch: Patch) -> None:
    send = SessionM.send

    async def changed(self: SessionM, batch: FrozenBatch, body: bytes) -> Outcome:
        fresh = json.dumps(json.loads(body) | {"request_id": str(uuid.uuid4())}).encode()
        return await send(self, batch, fresh)

    monkeypatch.setattr(SessionM, "send", changed)
    assert found_within(5) == "G3"


def test_sending_before_the_request_is_committed_is_found_G3(monkeypatch: Patch) -> None:
    def early(units: Sequence[Any], raw: sqlite.Connection) -> list[Any]:
        """Answer at once, and commit with the next group."""
        if raw.in_transaction:
            raw.execute("COMMIT")
        raw.execute("BEGIN IMMEDIATE")
        return writer._run(units, raw)

    monkeypatch.setattr(writer, "commit_together", early)
    assert found_within(20) == "G3"


def test_taking_a_doubtful_request_for_refused_is_found_G2(monkeypatch: Patch) -> None:
    def hasty(outcome: Outcome, batch: FrozenBatch) -> Decision | None:
        if isinstance(outcome, Transport) and len(batch.members) > 1:
            return Split(tuple(pieces(batch.members)), outcome.words, "")
        return None

    change_decision(monkeypatch, hasty)
    assert found_within(200) in {"G2", "G4"}


def test_delivering_on_a_time_out_is_found_G2(monkeypatch: Patch) -> None:
    def hopeful(outcome: Outcome, _: FrozenBatch) -> Decision | None:
        return Deliver("") if isinstance(outcome, Transport) and outcome.loss is Loss.TIME else None

    change_decision(monkeypatch, hopeful)
    assert found_within(100) == "G2"


def test_parking_on_a_failure_of_the_platform_is_found_G2(monkeypatch: Patch) -> None:
    def strict(outcome: Outcome, batch: FrozenBatch) -> Decision | None:
        return Park("failed", "") if isinstance(outcome, PlatformFailure) and len(batch.members) == 1 else None

    change_decision(monkeypatch, strict)
    assert found_within(100) == "G2"


def test_blaming_a_batch_in_doubt_is_found_G2(monkeypatch: Patch) -> None:
    """A request that may have arrived is split after failures that say nothing about it."""
    monkeypatch.setattr("store_agent.domain.link.blames", lambda link: True)
    assert found_within(3_000, Scenario.STACKED) in {"G2", "G4"}


def test_forgetting_a_part_of_a_split_is_found_G2(monkeypatch: Patch) -> None:
    settle = Outbox.settle

    async def forgetful(self: Outbox, *arguments: Any) -> list[FrozenBatch]:
        return (await settle(self, *arguments))[:1]

    monkeypatch.setattr(Outbox, "settle", forgetful)
    assert found_within(50) == "G2"


def test_forgetting_frozen_requests_at_the_start_is_found_G2(monkeypatch: Patch) -> None:
    async def nothing(_: Outbox) -> list[FrozenBatch]:
        return []

    monkeypatch.setattr(Outbox, "unsettled", nothing)
    assert found_within(50) == "G2"


def test_superseding_a_stranger_is_found_G2(monkeypatch: Patch) -> None:
    change_query(monkeypatch, intake._SQL, "supersede", "transaction_id = ?", "? <> ''")
    assert found_within(20) == "G2"


def test_books_that_do_not_count_moves_are_found_G2(monkeypatch: Patch) -> None:
    change_schema(monkeypatch, "AFTER UPDATE OF state ON revision\n", "AFTER UPDATE OF state ON revision WHEN 0\n")
    assert found_within(5) == "G2"


def test_two_of_a_transaction_in_flight_are_found_G4(monkeypatch: Patch) -> None:
    """Neither the query nor the database keeps a second revision back."""
    change_schema(monkeypatch, "UNIQUE INDEX revision_one_in_flight", "INDEX revision_one_in_flight")
    change_query(monkeypatch, outbox._SQL, "waiting_candidates", "other.state = 'frozen'", "0")
    assert found_within(50) == "G4"


def test_superseding_what_is_in_flight_is_found_G4(monkeypatch: Patch) -> None:
    """The older revision is on its way and its answer open, and yet it is struck out."""
    change_schema(monkeypatch, "NEW.state IN ('delivered', 'waiting', 'parked')", "NEW.state <> 'held'")
    change_query(monkeypatch, intake._SQL, "supersede", "state = 'waiting'", "state IN ('waiting', 'frozen')")
    assert found_within(50) in {"G2", "G3", "G4"}


def test_an_older_revision_after_a_newer_one_is_found_G4(monkeypatch: Patch) -> None:
    """A manager retries what was refused, and its transaction has gone on meanwhile."""
    change_query(monkeypatch, waiting._SQL, "supersede_if_overtaken", "EXISTS (", "0 AND EXISTS (")
    assert found_within(500) == "G4"


def test_requests_beyond_the_limits_are_found_G5(monkeypatch: Patch) -> None:
    monkeypatch.setattr("store_agent.storage.outbox.plan", lambda candidates, _: plan(candidates, BatchLimits()))
    assert found_within(100) == "G5"


def test_splitting_one_by_one_is_found_G6(monkeypatch: Patch) -> None:
    monkeypatch.setattr("store_agent.domain.settle.pieces", lambda members: [(member,) for member in members])
    assert found_within(100) == "G6"


def test_parking_the_innocent_with_the_culprit_is_found_G6(monkeypatch: Patch) -> None:
    change_decision(monkeypatch, lambda outcome, _: Park("no", "") if isinstance(outcome, Refused) else None)
    assert found_within(50, Scenario.REFUSALS) in {"G2", "G6"}


def test_leaving_a_burst_of_refusals_aside_is_found_G6(monkeypatch: Patch) -> None:
    async def nothing(_: Outbox, __: int | None) -> int:
        return 0

    monkeypatch.setattr(Outbox, "unpark_burst", nothing)
    assert found_within(500, Scenario.BURST) == "G6"


def test_new_codes_for_each_revision_are_found_G8(monkeypatch: Patch) -> None:
    monkeypatch.setattr(intake, "codes_so_far", lambda name, written, raw: {})
    assert found_within(20) == "G8"


def test_taking_each_repeat_for_a_new_revision_is_found_G9(monkeypatch: Patch) -> None:
    change_query(monkeypatch, intake._SQL, "same_revision", "transaction_id = ?", "0 AND ? <> ''")
    assert found_within(50) in {"G2", "G9"}


def test_live_sales_behind_the_backlog_are_found_G10(monkeypatch: Patch) -> None:
    follow = Lanes.follow

    def all_backlog(self: Lanes, now: float) -> None:
        follow(self, now)
        self._become_backlog()

    monkeypatch.setattr(Lanes, "follow", all_backlog)
    assert found_within(300, Scenario.RUSH) == "G10"


def test_a_reserved_slot_that_the_backlog_takes_is_found_G10(monkeypatch: Patch) -> None:
    def selfish(self: Lanes, _: Lane) -> bool:
        return self.in_flight < self._line.pace.requests if self._line.up else self.may_try()

    monkeypatch.setattr(Lanes, "_may_send", selfish)
    assert found_within(300, Scenario.RUSH) == "G10"


def test_settling_again_for_ever_what_is_settled_is_found_G17(monkeypatch: Patch) -> None:
    """A commit whose return was lost is done again, and fails each time."""
    monkeypatch.setitem(outbox._SQL, "is_frozen", "SELECT 1 WHERE ? > 0")
    assert found_within(200) == "G17"
