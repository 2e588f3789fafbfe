"""The counts themselves: always the same, and whoever watches Python besides is not disturbed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tests.costs.backlog import read
from tests.costs.baskets import Letters, request
from tests.costs.counting import opcodes_of

BYTES = range(2_900, 3_500)


@contextmanager
def tracing(tracer: Any) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("letters", Letters)
def test_a_sale_has_some_3_kilobytes(letters: Letters) -> None:
    body = request("T-1", letters)
    assert len(body) in BYTES
    assert body.isascii() is (letters is not Letters.BEYOND)
    assert (b"\\u00e8" in body) is (letters is Letters.ESCAPED)


def test_the_same_work_always_counts_the_same() -> None:
    work = partial(read, request("T-1"))
    work()
    assert len({opcodes_of(work) for _ in range(5)}) == 1


def test_more_work_counts_more() -> None:
    assert opcodes_of(lambda: [str(number) for number in range(100)]) < opcodes_of(
        lambda: [str(number) for number in range(200)]
    )


def test_whoever_traced_before_goes_on_even_after_a_failure() -> None:
    seen: list[str] = []

    def tracer(_frame: object, event: str, _: object) -> None:
        seen.append(event)

    with tracing(tracer):
        opcodes_of(list)
        with pytest.raises(ZeroDivisionError):
            opcodes_of(lambda: 1 // 0)
        after = sys.gettrace()
        seen.clear()
        list(map(lambda number: number, [1]))  # noqa: C417 - a call to be traced
    assert after is tracer
    assert "call" in seen
