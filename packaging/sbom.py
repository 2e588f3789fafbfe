"""The software bill of materials of the package: CycloneDX 1.6, from the pinned requirements.

`make sbom` writes dist/store-agent.cdx.json. Names, versions, hashes and who needs whom are read from requirements/;
licences are what the installed packages say of themselves. Each component has the hash of every file that may be
installed for it, one for each kind of machine. The same pins give the same bytes.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, License
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).parent.parent
DATED = datetime(2020, 2, 2, tzinfo=UTC)
"""Of every bill, as of every file in the wheel (Hatch, reproducible builds): the pins tell one from another."""

_UNSAID = {"sqlcipher3": ["Zlib"]}
"""What packages say in a licence file only."""

_PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?P<marker> ;[^\\\n]*)? \\\n"
    r"(?P<hashes>(?: +--hash.*\n)+)(?P<via>(?: +#.*\n?)*)",
    re.MULTILINE,
)
_ROOT_NAME = "store-agent"
_EXTRAS = ("printer", "traces")


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned requirement; `needed_by` are the names of others, and of the package itself."""

    name: str
    version: str
    always: bool
    hashes: list[str]
    needed_by: list[str]


def read_pins(path: Path) -> Iterator[Pin]:
    """Read a file that `make lock` wrote."""
    for found in _PIN.finditer(path.read_text()):
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", found["hashes"])
        needed_by = re.findall(r"^ +#(?: via)? +([\w.-]+)(?: \(pyproject\.toml\))?$", found["via"], re.MULTILINE)
        yield Pin(found["name"], found["version"], not found["marker"], hashes, needed_by)


def read_all_pins(root: Path) -> list[Pin]:
    """Read what stores install, extras included; who needs it may stand in one file or the other."""
    found: dict[str, Pin] = {}
    for pin in (pin for extra in _EXTRAS for pin in read_pins(root / "requirements" / f"{extra}.txt")):
        known = found.setdefault(pin.name, pin)
        known.needed_by.extend(name for name in pin.needed_by if name not in known.needed_by)
    return [found[name] for name in sorted(found)]


def describe(root: Path) -> Bom:
    """Describe the package: what it always needs, and as optional what other systems and its extras need."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    always = {pin.name for pin in read_pins(root / "requirements" / "run.txt") if pin.always}
    pins = read_all_pins(root)
    ours = _component(_ROOT_NAME, project["version"], ComponentType.APPLICATION)
    ours.licenses.add(LicenseFactory().make_from_string(project["license"]))
    parts = {_ROOT_NAME: ours} | {pin.name: _part(pin, required=pin.name in always) for pin in pins}
    bom = Bom(components=[parts[pin.name] for pin in pins], metadata=BomMetaData(component=ours, timestamp=DATED))
    bom.serial_number = uuid5(NAMESPACE_OID, repr((project["version"], sorted(always), pins)))
    for name, part in parts.items():
        bom.register_dependency(part, [parts[pin.name] for pin in pins if name in pin.needed_by])
    return bom


def _component(name: str, version: str, kind: ComponentType) -> Component:
    purl = PackageURL("pypi", name=name, version=version)
    return Component(name=name, version=version, type=kind, purl=purl, bom_ref=purl.to_string())


def _part(pin: Pin, *, required: bool) -> Component:
    part = _component(pin.name, pin.version, ComponentType.LIBRARY)
    part.scope = ComponentScope.REQUIRED if required else ComponentScope.OPTIONAL
    part.hashes = [HashType(alg=HashAlgorithm.SHA_256, content=one) for one in pin.hashes]
    part.licenses = list(_licenses(pin.name))
    return part


def _licenses(name: str) -> Iterator[License]:
    """Give the licence of an installed package as it names it: by expression, in words, or by classifiers."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return  # it is for another system
    written = said.get_all("License-Expression") or said.get_all("License") or _UNSAID.get(name, [])
    text = " ".join(written)
    if text and "\n" not in text:
        yield LicenseFactory().make_from_string(text)
    else:
        yield from (DisjunctiveLicense(name=words) for words in _classified(said))


def _classified(said: PackageMetadata) -> list[str]:
    classifiers = said.get_all("Classifier") or []
    return [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")]


def main(target: Path) -> None:
    """Write the bill, if it is a valid one."""
    text = JsonV1Dot6(describe(ROOT)).output_as_string(indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"The bill of materials is not valid CycloneDX 1.6; nothing was written: {wrong}")
    target.parent.mkdir(exist_ok=True)
    target.write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
