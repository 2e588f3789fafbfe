"""Waiting until everything is sent, with a bar that shows how far it is."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from store_agent.domain.summary import count, duration

POLL_SECONDS = 0.5


class _Rate(ProgressColumn):
    """Sales sent in a second."""

    def render(self, task: Task) -> Text:
        """Show nothing until it is known."""
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s")


def wait_until_sent(
    still_to_send: Callable[[], int],
    seconds: float,
    console: Console,
    *,
    now: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Ask until nothing is left to be sent, for `seconds` at most; gives how many sales are left then.

    Without a terminal one line says what is waited for, and nothing more.
    """
    end = now() + seconds
    left = still_to_send()
    if left and not console.is_terminal:
        console.print(f"{count(left, 'sale waits', 'sales wait')} to be sent; waiting for {duration(seconds)} at most.")
    with _bar(console, now) as bar:
        task = bar.add_task("", total=left, left=left)
        while left and now() < end:
            pause(min(POLL_SECONDS, end - now()))
            before, left = left, still_to_send()
            _advance(bar, task, before, left)
    return left


def _bar(console: Console, now: Callable[[], float]) -> Progress:
    return Progress(
        TextColumn("{task.fields[left]:,} left"),
        BarColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        get_time=now,
    )


def _advance(bar: Progress, task: TaskID, before: int, left: int) -> None:
    """Show what was sent since; sales that came meanwhile make the whole larger."""
    sent = max(0, before - left)
    done = bar.tasks[0].completed + sent
    bar.update(task, advance=sent, total=done + left, left=left)
