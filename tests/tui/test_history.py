"""What happened to a sale, told from what the agent really gives of it."""

import pytest

from store_agent.domain.lifecycle import State
from store_agent.domain.settle import Deliver, Park
from store_agent.storage.database import Database
from store_agent.tui.history import history_lines
from store_agent.tui.words import STATE_WORDS
from tests.support.served import Served, serve


@pytest.fixture
async def served(database: Database):
    async with serve(database) as running:
        yield running


async def told(served: Served, sequence: int) -> list[str]:
    return history_lines(await served.ask(f"/v1/outbox/{sequence}")).plain.splitlines()


async def test_a_sale_that_waits_says_that_it_is_safe(served: Served) -> None:
    (sequence,) = await served.sell("T-1")
    lines = await told(served, sequence)
    assert lines[0] == "… WAITS"
    assert "safe on this machine" in lines[1]
    assert lines[3].endswith("  Taken from lane-1, to be sent at once; safe on this machine.")


async def test_everything_that_happened_is_told_in_order(served: Served) -> None:
    (sequence,) = await served.sell("T-1")
    await served.do("/v1/outbox/hold", sequences=[sequence], reason="wait for the manager")
    await served.do("/v1/outbox/release", sequences=[sequence])
    await served.answer(Park("Item 7 is [red]unknown\x1b[2J.", '{"error": "item 7"}'))
    await served.do("/v1/outbox/retry", sequences=[sequence])
    await served.answer(Deliver("{}"))
    lines = await told(served, sequence)
    happened = [line[21:] for line in lines[3:] if line[:4].isdigit()]
    assert happened[0].startswith("Taken from lane-1")
    assert [line for line in happened if line.startswith("Ada")] == [
        "Ada held it back: wait for the manager",
        "Ada released it.",
        "Ada had it sent again.",
    ]
    assert happened[-1] == "The platform took it."
    assert lines[0] == "✓ AT THE PLATFORM"


async def test_the_platform_s_own_words_are_shown_to_the_letter_and_without_control_codes(served: Served) -> None:
    (sequence,) = await served.sell("T-1")
    await served.answer(Park("Item 7 is unknown.", "[bold]item 7[/bold]\x1b[2J"))
    lines = await told(served, sequence)
    assert lines[lines.index("The platform's own words") + 1] == "[bold]item 7[/bold]�[2J"


async def test_what_a_newer_state_replaced_says_so(served: Served) -> None:
    first, _ = [(await served.sell("T-1"))[0] for _ in range(2)]
    lines = await told(served, first)
    assert lines[0] == "~ REPLACED"
    assert any(line.endswith("A newer state of the same sale took its place.") for line in lines)


@pytest.mark.parametrize("state", State)
async def test_every_state_is_called_by_its_word(served: Served, state: State) -> None:
    (sequence,) = await served.sell("T-1")
    sale = await served.ask(f"/v1/outbox/{sequence}")
    assert STATE_WORDS[state.value].upper() in history_lines(sale | {"state": state.value}).plain


async def test_a_try_that_was_made_many_times_is_one_line(served: Served) -> None:
    (sequence,) = await served.sell("T-1")
    sale = await served.ask(f"/v1/outbox/{sequence}")
    tried = {"first_at": sale["accepted_at"] + 1, "last_at": sale["accepted_at"] + 60, "words": "No line.", "said": ""}
    once, often = ({**tried, "times": times} for times in (1, 1_200))
    assert "Tried: No line.\n" in history_lines(sale | {"tries": [once]}).plain
    assert "Tried: No line. (1,200 times until " in history_lines(sale | {"tries": [often]}).plain
