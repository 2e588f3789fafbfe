"""The bill of materials names what stores install, all of it and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from store_agent import __version__

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "packaging" / "sbom.py"


def write(target: Path) -> str:
    subprocess.run([sys.executable, str(SCRIPT), str(target)], check=True, timeout=60)
    return target.read_text()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("sbom") / "dist" / "store-agent.cdx.json")


@pytest.fixture(scope="module")
def bill(text: str) -> Any:
    return json.loads(text)


def pins(lock: str) -> dict[str, tuple[str, bool, set[str]]]:
    """Read name -> version, whether on every system, and hashes."""
    found: dict[str, tuple[str, bool, set[str]]] = {}
    for block in re.split(r"\n(?=[a-z])", (ROOT / "requirements" / f"{lock}.txt").read_text()):
        name, version = re.match(r"([a-z0-9-]+)==(\S+)", block).groups()  # type: ignore[union-attr]
        always = ";" not in block.splitlines()[0]
        found[name] = version, always, set(re.findall(r"sha256:([0-9a-f]{64})", block))
    return found


def all_pins() -> dict[str, tuple[str, bool, set[str]]]:
    return pins("printer") | pins("traces")


def hashes(component: dict[str, Any]) -> set[str]:
    assert {one["alg"] for one in component["hashes"]} == {"SHA-256"}
    return {one["content"] for one in component["hashes"]}


def test_it_is_valid_cyclonedx_1_6_of_this_version(text: str, bill: Any) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert bill["specVersion"] == "1.6"
    ours = bill["metadata"]["component"]
    assert (ours["name"], ours["version"], ours["purl"]) == (
        "store-agent", __version__, f"pkg:pypi/store-agent@{__version__}",
    )  # fmt: skip
    assert ours["licenses"] == [{"license": {"id": "Apache-2.0"}}]


def test_what_is_required_is_exactly_what_stores_install(bill: Any) -> None:
    required = {one["name"] for one in bill["components"] if one["scope"] == "required"}
    assert required == {name for name, (_, always, _) in pins("run").items() if always}
    assert {one["name"] for one in bill["components"]} == set(all_pins())


def test_each_has_the_version_the_address_and_the_hashes_of_its_pin(bill: Any) -> None:
    locked = all_pins()
    for one in bill["components"]:
        version, _, pinned = locked[one["name"]]
        assert (one["version"], one["purl"]) == (version, f"pkg:pypi/{one['name']}@{version}")
        assert hashes(one) == pinned


def test_each_that_is_installed_names_its_licence(bill: Any) -> None:
    unnamed = {one["name"] for one in bill["components"] if not one.get("licenses")}
    assert unnamed <= {name for name, (_, always, _) in all_pins().items() if not always}


def test_all_that_is_there_is_needed_by_something(bill: Any) -> None:
    needed = {one for entry in bill["dependencies"] for one in entry.get("dependsOn", ())}
    assert needed == {one["bom-ref"] for one in bill["components"]}
    (ours,) = [entry for entry in bill["dependencies"] if entry["ref"].startswith("pkg:pypi/store-agent@")]
    assert any(one.startswith("pkg:pypi/fastapi@") for one in ours["dependsOn"])


def test_it_names_no_place_of_this_machine_and_no_address_but_its_schema(text: str) -> None:
    assert re.findall(r"\w+://[^\"]+", text) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]
    for place in (str(ROOT), str(Path.home()), sys.prefix, "file:"):
        assert place not in text


def test_the_same_pins_give_the_same_bytes(text: str, tmp_path: Path) -> None:
    assert write(tmp_path / "again.json") == text
