"""An endpoint of another upstream is written and read as it is, and is never taken for one of the POS API."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.relayed import APP, Target, Upstream, is_relayed, read_target

PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1).map(lambda path: f"/{path}")


@given(st.sampled_from(["GET", "POST", "PUT", "DELETE"]), st.sampled_from(list(Upstream)), PATHS)
def test_what_is_written_is_read_again(method: str, upstream: Upstream, path: str) -> None:
    target = Target(method, upstream, path)
    assert is_relayed(target.endpoint)
    assert read_target(target.endpoint) == target


def test_an_endpoint_is_one_line_that_a_person_can_read() -> None:
    assert Target("POST", Upstream.CORE, f"/priv/v1/apps/{APP}/users/7/referrals?a=b").endpoint == (
        "POST core /priv/v1/apps/{app}/users/7/referrals?a=b"
    )


@pytest.mark.parametrize("endpoint", ["send_transaction", "send_batch_transaction", "lookup", "unlock", "reinstate"])
def test_the_calls_of_the_pos_api_are_not_relayed(endpoint: str) -> None:
    assert not is_relayed(endpoint)


def test_an_upstream_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        read_target("GET elsewhere /x")
