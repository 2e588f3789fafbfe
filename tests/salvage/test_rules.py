"""What becomes of a revision, for everything that can be known about it."""

from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.lifecycle import State
from store_agent.storage.salvage.rules import FINAL, Fate, Request, Seen, decide, known_state

STATES = st.sampled_from([None, *State])
SEEN = st.builds(
    Seen,
    state=STATES,
    certain=st.booleans(),
    indexed=STATES,
    intact=st.booleans(),
    request=st.sampled_from(Request),
    request_certain=st.booleans(),
)
UNSENT = (State.WAITING, State.HELD)


@given(SEEN)
def test_a_text_that_is_not_intact_never_goes_out_G13(seen: Seen) -> None:
    if not seen.intact:
        assert decide(seen) in (Fate.LOST, Fate.DELIVERED) or known_state(seen) in FINAL


@given(SEEN)
def test_only_what_is_certainly_unsent_waits_on_G3_G13(seen: Seen) -> None:
    if decide(seen) is Fate.KEEP and known_state(seen) in UNSENT:
        assert seen.indexed in (None, known_state(seen))
        assert (seen.certain and seen.state is not None) or seen.indexed is not None


@given(SEEN)
def test_a_frozen_one_stays_frozen_only_with_its_bytes_G3_G13(seen: Seen) -> None:
    if decide(seen) is Fate.KEEP and known_state(seen) is State.FROZEN:
        assert seen.request is Request.INTACT
        assert seen.intact


@given(SEEN)
def test_final_states_stay_G2_G13(seen: Seen) -> None:
    if seen.state in FINAL:
        assert (decide(seen), known_state(seen) in FINAL) == (Fate.KEEP, True)


@given(SEEN)
def test_nothing_intact_is_given_up_G2_G13(seen: Seen) -> None:
    if seen.intact:
        assert decide(seen) is not Fate.LOST


def test_an_older_copy_that_waits_is_a_doubt_and_not_sent_again_G13() -> None:
    older = Seen(State.WAITING, certain=False, indexed=None, intact=True)
    assert decide(older) is Fate.DOUBT
    witnessed = Seen(State.WAITING, certain=False, indexed=State.WAITING, intact=True)
    assert decide(witnessed) is Fate.KEEP
    contradicted = Seen(State.WAITING, certain=True, indexed=State.FROZEN, intact=True)
    assert decide(contradicted) is Fate.DOUBT
