"""The four questions of a manager are answered in plain words, by what the agent's own status route says."""

from dataclasses import replace

import pytest

from store_agent.domain.day import Tally
from store_agent.domain.lifecycle import State
from store_agent.domain.space import Room
from store_agent.tui.verdict import Level, Verdict, judge
from tests.tui.statuses import HALTED, NOT_CONTACTED, NOW, OFFLINE, ONLINE, Store, starting

pytestmark = pytest.mark.usefixtures("in_chicago")

WAITING = {State.WAITING: Tally(3, 1_250_000), State.FROZEN: Tally(1, 100_000), State.HELD: Tally(1, 50_000)}
PARKED = {State.PARKED: Tally(2, 40_000)}


async def judged(store: Store) -> Verdict:
    return judge(await store.status(), NOW)


async def test_when_all_is_well_there_is_nothing_to_do() -> None:
    assert await judged(Store()) == Verdict(
        Level.GOOD,
        "ONLINE since 05:00",
        "✓ Yes. Every sale is stored on this machine and sent to the platform by itself.",
        "None. All sales are at the platform.",
        "Online since 05:00 (1 h ago).",
        (),
    )


async def test_offline_with_nothing_waiting_is_not_called_well() -> None:
    verdict = await judged(Store(link=OFFLINE))
    assert (verdict.level, verdict.waiting) == (Level.WAITING, "None. All sales are at the platform.")


async def test_calls_that_wait_are_not_called_sales() -> None:
    alone = await judged(Store(link=OFFLINE, tallies={State.WAITING: Tally(2, 0)}, calls={State.WAITING: 2}))
    assert alone.waiting == "None. All sales are at the platform. 2 calls about offers or cards wait too."
    among = await judged(Store(link=OFFLINE, tallies=WAITING, calls={State.WAITING: 1}, oldest=470.0))
    assert among.waiting.startswith("4 sales wait (140.00), ")
    assert among.waiting.endswith(" 1 call about offers or cards waits too.")


async def test_before_the_first_answer_of_the_platform_it_is_not_called_online() -> None:
    verdict = await judged(Store(link=NOT_CONTACTED))
    assert verdict.line == "READY: nothing was sent yet"
    assert verdict.since == "Nothing was sent since the agent started."


async def test_offline_sales_are_safe_and_nobody_has_to_do_anything() -> None:
    assert await judged(Store(link=OFFLINE, tallies=WAITING, oldest=470.0)) == Verdict(
        Level.WAITING,
        "OFFLINE since 05:52",
        "✓ Yes. Every sale is stored on this machine and will be sent when the line returns.",
        "5 sales wait (140.00), the oldest since 05:52 (7 min ago). 1 of them is held back.",
        "Offline since 05:52 (8 min ago): The platform cannot be reached. The agent keeps trying by itself.",
        (),
    )


async def test_a_halt_is_told_with_cause_and_cure() -> None:
    verdict = await judged(Store(link=HALTED, tallies=WAITING, oldest=470.0))
    assert (verdict.level, verdict.line) == (Level.ATTENTION, "STOPPED since 04:00")
    assert verdict.safe == "✓ Yes. Every sale is stored on this machine and will be sent once this is mended."
    assert verdict.since == "Sending stopped at 04:00 (2 h ago): The platform refuses the credentials."
    assert verdict.to_do == ("Put the new API key into the configuration.",)


@pytest.mark.parametrize("link", [ONLINE, OFFLINE, HALTED])
async def test_a_full_disk_comes_before_everything_else(link) -> None:
    verdict = await judged(Store(link=link, room=Room.FULL, tallies=PARKED | WAITING, oldest=1.0))
    assert (verdict.level, verdict.line) == (Level.DANGER, "DISK FULL: new sales are refused")
    assert verdict.safe.startswith("✗ NO: the disk is full and new sales are refused; the till must keep them.")
    assert "Sales taken before are safe" in verdict.safe
    assert verdict.to_do[0].startswith("Delete what is not needed on this machine")


async def test_a_disk_that_gets_full_needs_somebody() -> None:
    verdict = await judged(Store(room=Room.LOW))
    assert verdict.level is Level.ATTENTION
    assert verdict.safe.startswith("✓ Yes.")
    assert verdict.to_do == ("The disk is getting full: delete what is not needed on this machine.",)


async def test_refused_sales_need_somebody_and_are_not_called_delivered() -> None:
    verdict = await judged(Store(tallies=PARKED))
    assert verdict.level is Level.ATTENTION
    assert verdict.waiting == "None. All others are at the platform."
    assert verdict.to_do == ("2 sales were refused by the platform: press 3 to see why and to mend it.",)
    (one,) = (await judged(Store(tallies={State.PARKED: Tally(1, 0)}))).to_do
    assert one.startswith("1 sale was refused")


async def test_damage_is_told_until_somebody_confirms_it() -> None:
    verdict = await judged(Store(incidents=("The database was damaged and mended.", "It was damaged again.")))
    assert verdict.level is Level.ATTENTION
    assert verdict.to_do == (
        "The database was damaged and mended. Press 8, then k, to confirm it.",
        "It was damaged again. Press 8, then k, to confirm it.",
    )


async def test_a_chore_that_fails_is_told_in_the_agent_s_words() -> None:
    (words,) = (await judged(Store(failing={"backup": "There is no room."}))).to_do
    assert words == "The last backup did not work: There is no room. Sales are not affected so far."


async def test_a_wrong_clock_is_told_with_its_cure() -> None:
    (words,) = (await judged(Store(ahead=-7_200.0))).to_do
    assert "2 h behind" in words
    assert "timedatectl" in words
    assert (await judged(Store(ahead=30.0))).to_do == ()


async def test_everything_at_once_is_told_with_the_most_urgent_first() -> None:
    store = Store(HALTED, PARKED, 0, None, Room.FULL, None, ("Damage.",), {"backup": "No room."}, 9_000.0)
    told = (await judged(store)).to_do
    urgent = ["Delete what", "Put the new API key", "2 sales were refused", "Damage.", "The clock", "The last backup"]
    assert [said.startswith(begin) for said, begin in zip(told, urgent, strict=True)] == [True] * 6


async def test_one_sale_that_waits_is_one() -> None:
    verdict = await judged(Store(tallies={State.WAITING: Tally(1, 107_000)}, oldest=2.0))
    assert verdict.waiting == "1 sale waits (10.70), the oldest since 05:59 (2 s ago)."
    assert verdict.level is Level.WAITING


@pytest.mark.parametrize("said", [None, "The disk is full."])
async def test_while_the_agent_starts_it_says_so_and_nothing_it_cannot_know(said: str | None) -> None:
    verdict = judge(await starting(said), NOW)
    assert (verdict.level, verdict.line) == (Level.DANGER, "The agent is starting")
    assert (said or "The agent is starting; nothing was stored.") in verdict.safe
    assert "Not known" in verdict.waiting
    assert "Not known" in verdict.since
    assert verdict.to_do


async def test_words_from_outside_bring_no_control_codes() -> None:
    reason, cure, damage, problem = (f"\x1b[31mTold {number}\u202e" for number in range(4))
    link = replace(HALTED, reason=reason, cure=cure)
    verdict = await judged(Store(link=link, incidents=(damage,), failing={"backup": problem}))
    everything = "".join([verdict.line, verdict.safe, verdict.waiting, verdict.since, *verdict.to_do])
    assert everything.isprintable()
    assert [everything.count(f"�[31mTold {number}�") for number in range(4)] == [1] * 4


def test_no_two_levels_look_alike_without_colours() -> None:
    assert len({level.sign for level in Level}) == len({level.value[1] for level in Level}) == len(Level)
