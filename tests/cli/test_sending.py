"""Waiting until everything is sent: a bar on a terminal, one line elsewhere, never longer than asked."""

from io import StringIO

from rich.console import Console

from store_agent.cli.sending import POLL_SECONDS, wait_until_sent


class Queue:
    """Sales left at each look; time passes only while somebody waits."""

    def __init__(self, *left: int) -> None:
        self._left = list(left)
        self.time = 0.0
        self.looks = 0

    def still_to_send(self) -> int:
        self.looks += 1
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]

    def pause(self, seconds: float) -> None:
        self.time += seconds

    def wait(self, seconds: float, *, terminal: bool) -> tuple[int, str]:
        shown = StringIO()
        console = Console(file=shown, force_terminal=terminal, width=100)
        left = wait_until_sent(self.still_to_send, seconds, console, now=lambda: self.time, pause=self.pause)
        return left, shown.getvalue()


def test_it_ends_when_nothing_is_left() -> None:
    queue = Queue(1_200, 800, 0)
    left, shown = queue.wait(60, terminal=True)
    assert (left, queue.time) == (0, 2 * POLL_SECONDS)
    assert "0 left" in shown
    assert "/s" in shown


def test_it_ends_when_the_time_is_over() -> None:
    queue = Queue(5)
    left, _ = queue.wait(1.2, terminal=True)
    assert (left, queue.time, queue.looks) == (5, 1.2, 4)


def test_new_sales_meanwhile_do_not_confuse_it() -> None:
    assert Queue(3, 5, 1, 2, 0).wait(60, terminal=True)[0] == 0


def test_without_a_terminal_it_says_one_line() -> None:
    left, shown = Queue(1_200, 800, 0).wait(60, terminal=False)
    assert (left, shown) == (0, "1,200 sales wait to be sent; waiting for 1 min at most.\n")


def test_nothing_to_send_is_nothing_to_say() -> None:
    assert Queue(0).wait(60, terminal=False) == (0, "")
