"""The page about the architecture tells the truth about the tests."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "ARCHITECTURE.md").read_text()


def rows() -> dict[str, list[str]]:
    """The table of guarantees: number -> cells."""
    found = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"G\d+", cells[0]):
            found[cells[0]] = cells
    return found


@cache
def existing_tests() -> set[str]:
    """Every test by name, classes of stateful tests included."""
    names: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names.add(node.targets[0].id)
    return {name for name in names if name.startswith("test_")}


def named(cell: str) -> list[str]:
    return re.findall(r"`(test_\w+)`", cell)


@pytest.mark.parametrize("number", rows())
def test_every_built_guarantee_names_tests_that_exist_and_carry_its_number(number: str) -> None:
    _, _, _, proofs, controls = rows()[number]
    assert named(proofs)
    assert named(controls), f"{number} has no control"
    for name in named(proofs) + named(controls):
        assert name in existing_tests(), f"{number} names {name}, which does not exist"
        assert re.search(rf"_{number}(_|$)", name), f"{name} does not carry {number}"


@pytest.mark.parametrize("number", rows())
def test_every_place_that_keeps_a_guarantee_exists(number: str) -> None:
    places = re.findall(r"`([\w/]+\.(?:py|sql))`(?: \(`(\w+)`\))?", rows()[number][2])
    assert places
    for place, part in places:
        (found,) = [path for path in (ROOT / "store_agent").rglob("*") if str(path).endswith("/" + place)]
        assert part in found.read_text(), (place, part)


def test_every_number_that_a_test_carries_is_a_guarantee() -> None:
    carried = {number for name in existing_tests() for number in re.findall(r"_(G\d+)", name)}
    mentioned = set(re.findall(r"\bG\d+\b", PAGE))
    assert carried <= mentioned


def test_a_name_that_does_not_exist_would_be_noticed() -> None:
    """The control for the first test."""
    assert "test_that_nobody_wrote_G1" not in existing_tests()
    assert named("`test_a_G1`, `not_a_test`") == ["test_a_G1"]


def test_the_layers_of_the_page_are_those_that_are_checked() -> None:
    checked = re.search(r"^layers = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE)
    assert checked is not None
    for layer in re.findall(r"\w+", checked[1]):
        assert f"`{layer}`" in PAGE
