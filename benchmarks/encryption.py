"""What encryption at rest costs, and overwriting what is deleted: sales taken and sent, beside the agent without."""

from contextlib import ExitStack
from typing import NamedTuple

from benchmarks import table
from benchmarks.drain import drained
from benchmarks.load import SALE_BYTES, fire
from benchmarks.part import Ground, Part, at_least, at_most
from benchmarks.servers import AGENT, agent, closed_port, processor_seconds
from benchmarks.spread import Spread

LANES = 32
KEPT_MIN = 0.8
ADDED_MAX = 1.25
WORK_MAX = 1.3


class _Kind(NamedTuple):
    """A kind of agent, and whether its sales are encrypted."""

    module: tuple[str, ...]
    encryption: str

    @property
    def environment(self) -> dict[str, str]:
        return {"STORE_AGENT_STORAGE__ENCRYPTION": self.encryption}


KINDS = {
    "encrypted": _Kind(AGENT, "on"),
    "plain": _Kind(AGENT, "off"),
    "plain, not overwritten": _Kind(("benchmarks.unwiped",), "off"),
}
_FIGURES = {"taken": table.rate, "work": table.milliseconds, "answer": table.milliseconds, "sent": table.rate}


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    found: dict[tuple[str, str], list[float]] = {(figure, kind): [] for figure in _FIGURES for kind in KINDS}
    for number in range(ground.pick(5, 2)):
        for kind in list(KINDS)[:: 1 if number % 2 == 0 else -1]:
            for figure, value in _measured(ground, number, kind).items():
                found[figure, kind].append(value)
    spreads = {key: Spread.of(values) for key, values in found.items()}
    ratios = {figure: spreads[figure, "encrypted"] / spreads[figure, "plain"] for figure in _FIGURES}
    _show(spreads, ratios)
    return Part(
        {f"{figure}, {kind}": spread.as_json() for (figure, kind), spread in spreads.items()}
        | {f"{figure}, encrypted / plain": ratio.as_json() for figure, ratio in ratios.items()},
        [
            at_least(f"throughput, {LANES} lanes, encrypted / plain", ratios["taken"], KEPT_MIN, table.ratio),
            at_most("processor time a sale, encrypted / plain", ratios["work"], WORK_MAX, table.ratio),
            at_most("ack latency, 1 lane, encrypted / plain", ratios["answer"], ADDED_MAX, table.ratio),
            at_least("drain, encrypted / plain", ratios["sent"], KEPT_MIN, table.ratio),
        ],
    )


def _measured(ground: Ground, number: int, name: str) -> dict[str, float]:
    kind = KINDS[name]
    path = ground.directory / f"encryption-{number}-{kind.encryption}-{kind.module[0]}"
    with ExitStack() as stack:
        port = stack.enter_context(closed_port())
        server = stack.enter_context(agent(path / "taken", port, kind=kind.module, environment=kind.environment))
        fire(server, 8, ground.pick(500, 200))
        before = processor_seconds(server)
        taken = fire(server, LANES, ground.pick(3_000, 1_000))
        work = (processor_seconds(server) - before) / len(taken.seconds)
        alone = fire(server, 1, ground.pick(500, 200))
    sent = drained(path / "sent", 0, ground.pick(4_000, 1_000), kind=kind.module, environment=kind.environment).rate
    return {"taken": taken.rate, "work": work, "answer": alone.median, "sent": sent}


def _show(spreads: dict[tuple[str, str], Spread], ratios: dict[str, Spread]) -> None:
    words = {
        "taken": f"sales a second taken, {LANES} lanes",
        "work": f"processor time a sale, {LANES} lanes",
        "answer": "until the answer, 1 lane",
        "sent": "sales a second sent",
    }
    rows = []
    for figure, form in _FIGURES.items():
        rows += [[f"{words[figure]}: {kind}", *spreads[figure, kind].shown(form)] for kind in KINDS]
        rows.append([f"{words[figure]}: encrypted / plain", *ratios[figure].shown(table.ratio)])
    title = f"Encryption at rest, sales of {SALE_BYTES:,} bytes"
    table.show(title, ("", "median", "min .. max of rounds"), rows)
