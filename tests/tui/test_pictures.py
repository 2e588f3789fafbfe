"""Every screen and every question looks as it did when somebody last looked at it, at both sizes.

The pictures are kept as text (`Picture.text`): letters, styles, and which letters have which; as SVG they would take ten
times the room and no difference could be read. One that differs is drawn into `tests/tui/differing/`. To accept what is
seen there: `python -m pytest tests/tui/test_pictures.py --snapshot-update`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from tests.tui.gallery import LARGE, SHOTS, SMALL, Shot, shoot
from tests.tui.picture import Picture
from tests.tui.sitting import elsewhere

DIFFERING = Path(__file__).parent / "differing"
KEPT = Path(__file__).parent / "pictures"
MONOCHROME = ("overview-offline", "overview-full", "queue-offline", "attention-parked", "dialog-discard-parked")
BYTES_MAX = 2_500_000
"""Of all pictures together, so that they stay a small part of the repository."""


class Pictures(SingleFileSnapshotExtension):
    """One file a picture, by its name alone."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(KEPT)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: object = 0) -> str:
        found = re.search(r"\[(.+)\]", test_location.snapshot_name)
        return str(index) if found is None else found[1]


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Pictures)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    with elsewhere():
        yield


def compare(picture: Picture, snapshot: SnapshotAssertion, name: str) -> None:
    """Compare with what is kept; what differs is drawn where it is found."""
    drawn = DIFFERING / f"{name}.svg"
    drawn.unlink(missing_ok=True)
    if picture.text != snapshot:
        DIFFERING.mkdir(exist_ok=True)
        drawn.write_text(picture.svg(name), encoding="utf-8")
        pytest.fail(
            f"{name} looks different: see {drawn}. If it is better so: "
            f"python -m pytest tests/tui/test_pictures.py --snapshot-update -k {name}\n"
            + "\n".join(snapshot.get_assert_diff())
        )


def _names(shot: Shot) -> str:
    return shot.name


@pytest.mark.parametrize("shot", SHOTS, ids=[f"{shot.name}-80x24" for shot in SHOTS])
async def test_a_screen_looks_as_it_did_over_a_narrow_line(
    shot: Shot, snapshot: SnapshotAssertion, request: pytest.FixtureRequest
) -> None:
    compare(await shoot(shot, SMALL), snapshot, request.node.callspec.id)


@pytest.mark.parametrize("shot", SHOTS, ids=[f"{shot.name}-160x48" for shot in SHOTS])
async def test_a_screen_looks_as_it_did_in_a_wide_window(
    shot: Shot, snapshot: SnapshotAssertion, request: pytest.FixtureRequest
) -> None:
    compare(await shoot(shot, LARGE), snapshot, request.node.callspec.id)


@pytest.mark.parametrize(
    "shot",
    [shot for shot in SHOTS if shot.name in MONOCHROME],
    ids=[f"{name}-80x24-monochrome" for name in sorted(MONOCHROME, key=[one.name for one in SHOTS].index)],
)
async def test_a_screen_without_colours_looks_as_it_did(
    shot: Shot, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    picture = await shoot(shot, SMALL)
    shades = {segment.style.color for row in picture.rows for segment in row if segment.style}
    assert all(shade is None or len(set(shade.get_truecolor())) == 1 for shade in shades), "grey is all there is"
    compare(picture, snapshot, request.node.callspec.id)


async def test_another_word_or_another_colour_would_be_noticed(snapshot: SnapshotAssertion) -> None:
    shot = next(shot for shot in SHOTS if shot.name == "overview-offline")
    picture = await shoot(shot, SMALL)
    kept = (KEPT / "overview-offline-80x24.txt").read_text(encoding="utf-8")
    assert picture.text == kept
    assert reworded(picture).text != kept
    assert recoloured(picture).text != kept


def reworded(picture: Picture) -> Picture:
    return Picture(tuple(tuple(_with(one, one.text.replace("Yes", "yes")) for one in row) for row in picture.rows))


def recoloured(picture: Picture) -> Picture:
    first, *rest = picture.rows
    return Picture((tuple(Segment(one.text, (one.style or Style()) + Style(color="red")) for one in first), *rest))


def _with(segment: Segment, text: str) -> Segment:
    return Segment(text, segment.style)


QUESTIONS = ("Are sales safe?", "How many wait?", "Since when?", "What must I do?")


@pytest.mark.parametrize("shot", [one for one in SHOTS if one.name.startswith("overview")], ids=_names)
def test_the_four_answers_are_seen_without_scrolling(shot: Shot) -> None:
    lines = seen(shot)
    places = [next((place for place, line in enumerate(lines) if asked in line), None) for asked in QUESTIONS]
    assert None not in places, f"{shot.name} does not show all questions"
    assert all(lines[place][19:].strip() for place in places if place is not None), "every question has an answer"
    assert places[-1] is not None
    assert places[-1] <= 16, "what is to be done must begin in sight"


@pytest.mark.parametrize("shot", SHOTS, ids=_names)
def test_no_word_is_cut_where_it_matters(shot: Shot) -> None:
    heading, *rest = seen(shot)
    if "dialog" in shot.name:
        heading = rest = [""]  # a question may cover them
    for name in ("Overview", "Queue", "Attn", "Day", "Items", "Staff", "Receipts", "Log", "Lanes", "Help"):
        assert not rest or not rest[0] or f" {name} " in f"{rest[0]} ", f"{name} is cut"
    assert not heading or str(heading).rstrip().endswith(("14:32", "…")), f"the heading is cut: {heading}"
    for line in rest:
        assert not line.rstrip().endswith(" …"), f"something is cut to nothing: {line}"


def seen(shot: Shot) -> list[str]:
    """Give the lines of the narrow picture that is kept."""
    text = (KEPT / f"{shot.name}-80x24.txt").read_text(encoding="utf-8")
    return text.partition("\n\nSTYLES\n")[0].split("\n")


def test_the_pictures_are_all_in_use_and_small() -> None:
    wanted = {f"{shot.name}-{size}.txt" for shot in SHOTS for size in ("80x24", "160x48")}
    wanted |= {f"{name}-80x24-monochrome.txt" for name in MONOCHROME}
    assert {path.name for path in KEPT.iterdir()} == wanted
    assert sum(path.stat().st_size for path in KEPT.iterdir()) < BYTES_MAX
