"""What a scanner types is read as the code that it holds, and a sale's whereabouts are told in plain words."""

import pytest

from store_agent.domain.lifecycle import State
from store_agent.domain.link import Link, LinkState
from store_agent.domain.scanned import codes_meant
from store_agent.domain.whereabouts import Standing, whereabouts

CODE = "2121d92f-0a1b-4c2d-8e3f-aabbccddeeff"


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.upper(),
        CODE.replace("-", ""),
        CODE.replace("-", "").upper(),
        f"  {CODE}\r\n",
        f"https://rewards.example.com/r/{CODE}",
        f"https://rewards.example.com/r/{CODE}/",
        f"HTTPS://REWARDS.EXAMPLE.COM/R/{CODE.upper()}",
        f"https://rewards.example.com/r/{CODE}?utm_source=till&x=/y",
        f"https://rewards.example.com/r/{CODE}/#top",
        f"rewards.example.com/r/{CODE}",
        "https://rewards.example.com/r/%32121d92f-0a1b-4c2d-8e3f-aabbccddeeff",
    ],
)
def test_a_uuid_is_found_in_whatever_a_scanner_types(text: str) -> None:
    assert CODE in codes_meant(text)


def test_a_code_is_first_looked_for_as_it_stands() -> None:
    assert codes_meant("R/17") == ("R/17", "17")
    assert codes_meant(CODE.upper())[0] == CODE.upper()
    assert set(codes_meant(CODE)) == {CODE, CODE.upper(), CODE.replace("-", ""), CODE.replace("-", "").upper()}


@pytest.mark.parametrize("text", ["", "   ", "/", "https://", "?x=1", "://"])
def test_what_holds_no_code_is_no_trouble(text: str) -> None:
    assert CODE not in codes_meant(text)
    assert "" not in codes_meant(text)


def where(state: State, link: LinkState = LinkState.ONLINE, *, voided: bool = False) -> str:
    sale = Standing(state, voided, "14:02", "14:05", "The platform does not know item 4711.")
    return whereabouts(sale, Link(since=0.0, state=link))


def test_a_sale_that_waits_says_what_it_waits_for() -> None:
    assert where(State.WAITING) == "This sale waits since 14:02 and is being sent."
    words = "This sale waits since 14:02 and is sent when the line is back."
    assert where(State.WAITING, LinkState.BACKING_OFF) == where(State.FROZEN, LinkState.BACKING_OFF) == words
    assert where(State.WAITING, LinkState.HALTED).endswith("is sent when the manager has mended the line.")


def test_every_state_has_words() -> None:
    found = {state: where(state) for state in State}
    assert all(words.startswith("This sale ") and words.endswith(".") for words in found.values())
    assert found[State.DELIVERED] == "This sale is at the platform since 14:05."
    assert "when the manager releases it" in found[State.HELD]
    assert found[State.PARKED].endswith("set aside for the manager. The platform does not know item 4711.")
    assert "never reaches the platform" in found[State.DISCARDED]
    assert "a newer state of it" in found[State.SUPERSEDED]


def test_a_voided_sale_and_one_that_is_gone_say_so() -> None:
    assert where(State.DELIVERED, voided=True).endswith("It is voided: there is nothing to claim.")
    gone = whereabouts(None, Link(since=0.0))
    assert "not kept on this machine any more" in gone
    assert "was at the platform" in gone


def test_a_code_that_no_sale_came_with_says_so() -> None:
    unused = "This code was printed ahead; no sale has come with it yet."
    assert whereabouts(None, Link(since=0.0), used=False) == unused
    sale = Standing(State.DELIVERED, False, "14:02", "14:05", None)
    assert whereabouts(sale, Link(since=0.0), used=False) == f"{unused} This sale is at the platform since 14:05."


def test_a_code_whose_guest_is_known_says_so_unless_there_is_nothing_to_claim() -> None:
    needless = "The guest of this sale is known by now: the code is not needed any more."
    sale = Standing(State.DELIVERED, False, "14:02", "14:05", None)
    assert whereabouts(sale, Link(since=0.0), retired=True) == f"This sale is at the platform since 14:05. {needless}"
    assert whereabouts(sale, Link(since=0.0), used=False, retired=True).endswith(f"14:05. {needless}")
    voided = Standing(State.DELIVERED, True, "14:02", "14:05", None)
    assert whereabouts(voided, Link(since=0.0), retired=True).endswith("It is voided: there is nothing to claim.")
    assert "not kept on this machine" in whereabouts(None, Link(since=0.0), used=False, retired=True)
