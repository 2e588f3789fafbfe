"""The verdict for tools that watch many stores: well, wants attention, in trouble, each with what to do."""

from dataclasses import replace
from typing import Any

import pytest

from store_agent.domain.health import WAITING_LONG_SECONDS, WAITING_TOO_LONG_SECONDS, Verdict, Vitals, judge
from store_agent.domain.link import LinkState
from store_agent.domain.space import Room

WELL = Vitals(LinkState.ONLINE, backup_age=3_600.0, clock_ahead=0.5)


def test_a_store_that_is_well_has_no_findings() -> None:
    health = judge(WELL)
    assert (health.verdict, health.findings) == (Verdict.OK, ())
    assert health.words == "Online; 0 sales wait."


def test_being_offline_for_a_while_is_what_the_agent_is_made_for() -> None:
    health = judge(replace(WELL, link=LinkState.BACKING_OFF, waiting=12, oldest=WAITING_LONG_SECONDS))
    assert health.verdict is Verdict.OK
    assert health.words == "Offline, which the agent copes with by itself; 12 sales wait."


FINDINGS = (
    ({"stuck": True}, "stuck", Verdict.TROUBLE),
    ({"room": Room.FULL}, "disk_full", Verdict.TROUBLE),
    ({"room": Room.LOW}, "disk_low", Verdict.ATTENTION),
    ({"link": LinkState.HALTED}, "link_halted", Verdict.TROUBLE),
    ({"waiting": 3, "oldest": WAITING_LONG_SECONDS + 1}, "waiting_long", Verdict.ATTENTION),
    ({"waiting": 3, "oldest": WAITING_TOO_LONG_SECONDS + 1}, "waiting_long", Verdict.TROUBLE),
    ({"parked": 1}, "parked", Verdict.ATTENTION),
    ({"balanced": False}, "books", Verdict.TROUBLE),
    ({"incidents": 1}, "incidents", Verdict.ATTENTION),
    ({"chores": 2}, "chores", Verdict.ATTENTION),
    ({"backup_age": 200_000.0}, "backup_old", Verdict.ATTENTION),
    ({"clock_ahead": -4_000.0}, "clock", Verdict.ATTENTION),
    ({"printers": 1}, "printers", Verdict.ATTENTION),
)


@pytest.mark.parametrize(("wrong", "name", "verdict"), FINDINGS)
def test_each_thing_that_is_wrong_is_told_with_what_to_do(wrong: dict[str, Any], name: str, verdict: Verdict) -> None:
    health = judge(replace(WELL, **wrong))
    (finding,) = health.findings
    assert (finding.name, finding.verdict, health.verdict) == (name, verdict, verdict)
    assert health.words == finding.words
    assert finding.cure


def test_calls_that_wait_are_named_beside_the_sales() -> None:
    assert judge(replace(WELL, waiting=1, calls=1)).words == "Online; 1 sale or call waits."
    stuck = judge(replace(WELL, waiting=3, calls=1, oldest=WAITING_TOO_LONG_SECONDS * 2))
    assert stuck.words == "3 sales or calls wait, the oldest for 2 d."


@pytest.mark.parametrize(("held", "line"), [(0, True), (1, True), (3, False)])
def test_what_is_held_back_on_purpose_is_not_blamed_on_the_line(held: int, *, line: bool) -> None:
    (finding,) = judge(replace(WELL, waiting=3, held=held, oldest=WAITING_LONG_SECONDS + 1)).findings
    assert ("the store's line" in finding.cure) is line
    assert ("store-agent outbox release" in finding.cure) is (held > 0)


def test_the_worst_comes_first_and_decides() -> None:
    health = judge(replace(WELL, parked=2, room=Room.FULL))
    assert [finding.name for finding in health.findings] == ["disk_full", "parked"]
    assert health.verdict is Verdict.TROUBLE


def test_a_backup_is_late_by_its_own_interval() -> None:
    assert judge(replace(WELL, backup_age=200_000.0, backup_every=604_800.0)).verdict is Verdict.OK
    assert judge(replace(WELL, backup_age=None)).verdict is Verdict.OK
