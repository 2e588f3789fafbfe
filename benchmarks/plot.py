"""Draws what a run measured, for the README: `python -m benchmarks.plot` makes docs/pictures/benchmarks.png.

Bars are medians, whiskers the range of the rounds. The figures are those of `benchmarks/results/latest.json`.
"""

import argparse
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"
PICTURE = ROOT / "docs" / "pictures" / "benchmarks.png"

_OWN, _OTHER = "#1f6f5c", "#b8c4c0"
_Spread = Mapping[str, Any]


@dataclass(frozen=True)
class Chart:
    """Bars of one unit: their names and figures; those of the agent stand out."""

    title: str
    unit: str
    scale: float
    bars: Mapping[str, _Spread]


def charts(figures: Mapping[str, Any]) -> list[Chart]:
    """Choose what is shown, of the parts that were run."""
    made: list[Chart] = []
    for make in (_latency, _throughput, _slow, _drain, _peers_full, _peers_slow):
        with suppress(KeyError):  # a part that was not run
            made.append(make(figures))
    return made


def draw(written: Mapping[str, Any], picture: Path) -> None:
    """Draw the charts of a run."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    shown = charts(written["figures"])
    figure, places = plt.subplots((len(shown) + 1) // 2, 2, figsize=(11, 2.2 * ((len(shown) + 1) // 2) + 0.6))
    for chart, axes in zip(shown, places.flat, strict=False):
        _draw_one(chart, axes)
    for axes in list(places.flat)[len(shown) :]:
        axes.axis("off")
    surroundings = written["surroundings"]
    figure.suptitle(
        f"store-agent beside baselines of the same run: {surroundings['cores']} cores, {surroundings['file system']}, "
        f"Python {surroundings['Python']}, sales of 3 KB, encrypted, everything on",
        fontsize=10,
    )
    figure.tight_layout()
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110, metadata={"Software": None})


def _draw_one(chart: Chart, axes: Any) -> None:
    names = list(chart.bars)[::-1]
    middles = [chart.bars[name]["median"] * chart.scale for name in names]
    below = [(chart.bars[name]["median"] - chart.bars[name]["min"]) * chart.scale for name in names]
    above = [(chart.bars[name]["max"] - chart.bars[name]["median"]) * chart.scale for name in names]
    colours = [_OWN if name.startswith("store-agent") else _OTHER for name in names]
    axes.barh(names, middles, xerr=[below, above], color=colours, ecolor="#555555", capsize=2, height=0.7)
    for place, middle in enumerate(middles):
        text = f"{middle:,.0f}" if middle >= 10 else f"{middle:.2f}"
        ink = "white" if colours[place] == _OWN else "black"
        axes.annotate(text, (0, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color=ink)
    axes.set_title(f"{chart.title} ({chart.unit})", fontsize=9, loc="left")
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _latency(figures: Mapping[str, Any]) -> Chart:
    found = figures["ingest"]
    bars = {
        "store-agent": found["seconds"]["agent, 1"],
        "the same, not storing": found["seconds"]["no store, 1"],
        "bare append and fsync": found["sync_seconds"]["fsync"],
    }
    return Chart("Until a sale is acknowledged, 1 lane", "ms", 1_000, bars)


def _throughput(figures: Mapping[str, Any]) -> Chart:
    found = figures["ingest"]
    names = {"agent": "store-agent", "no store": "not storing"}
    bars = {
        f"{shown}, {lanes} lanes": found["rates"][f"{name}, {lanes}"]
        for lanes in (8, 32)
        for name, shown in names.items()
    }
    return Chart("Sales taken", "a second", 1, bars)


def _slow(figures: Mapping[str, Any]) -> Chart:
    found = figures["slow_disk"]["2 ms"]
    names = {"store-agent": "agent", "a commit for each sale": "commit each", "not storing": "no store"}
    bars = {shown: found["rates"][name] for shown, name in names.items()}
    return Chart("Sales taken, 32 lanes, each sync 2 ms slower", "a second", 1, bars)


def _drain(figures: Mapping[str, Any]) -> Chart:
    found = figures["drain"]
    names = {"agent": "store-agent", "httpx": "bare httpx"}
    bars = {f"{shown}, {ms} ms": found["rates"][f"{name}, {ms} ms"] for ms in (20, 80) for name, shown in names.items()}
    return Chart("Backlog sent, by the platform's latency", "sales a second", 1, bars)


def _peers_full(figures: Mapping[str, Any]) -> Chart:
    return _peers(figures, "full speed", "this disk")


def _peers_slow(figures: Mapping[str, Any]) -> Chart:
    return _peers(figures, "2 ms", "sync 2 ms slower")


def _peers(figures: Mapping[str, Any], disk: str, words: str) -> Chart:
    return Chart(f"Queued by 8 producers, {words}", "sales a second", 1, figures["peers"][f"{disk}, enqueue, 8"])


def main() -> None:
    """Draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description="Draw what a run measured.")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="the figures of a run")
    parser.add_argument("--picture", type=Path, default=PICTURE, metavar="FILE", help="where the picture goes")
    asked = parser.parse_args()
    draw(json.loads(asked.json.read_text()), asked.picture)
    print(asked.picture)


if __name__ == "__main__":
    main()
