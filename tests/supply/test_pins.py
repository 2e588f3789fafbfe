"""Whatever is installed is pinned to the bytes that were looked at, and no matter where they come from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("run", "printer", "traces", "dev")
PIN = re.compile(r"[a-z0-9-]+==[\w.]+(?: ; [^\\]+)? \\(?:\n {4}--hash=sha256:[0-9a-f]{64}(?: \\)?)+(?:\n {4}#.*)*")


def read(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text()


def unpinned(text: str) -> str:
    """Take away what is pinned with hashes, and who needs it."""
    return PIN.sub("", text).strip()


def addresses(text: str) -> list[str]:
    """Find whatever names a place to install from."""
    return re.findall(r".*(?:://|--?index|--find-links|--trusted-host| @ |\bfile:|^-e|^-f|^-i).*", text, re.MULTILINE)


def pinned(text: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))


def wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=]", one)[0] for one in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_hashes_and_names_no_address(lock: str) -> None:
    assert unpinned(read(lock)) == ""
    assert addresses(read(lock)) == []


@pytest.mark.parametrize(
    "line",
    [
        "httpx==0.28.1",
        "httpx>=0.28 \\\n    --hash=sha256:" + "0" * 64,
        "httpx==0.28.1 \\\n    --hash=sha256:abc",
        "httpx==0.28.1 \\\n    --hash=md5:" + "0" * 32,
    ],
)
def test_a_requirement_that_is_not_pinned_would_be_noticed(line: str) -> None:
    """A control for the first test."""
    assert unpinned(f"{read('run')}{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.com/simple",
        "--extra-index-url=file:///srv/wheels",
        "-i packages.example.com",
        "httpx @ https://packages.example.com/httpx.whl",
        "    # from https://packages.example.com/simple",
        "--find-links wheels",
    ],
)
def test_an_address_would_be_noticed(line: str) -> None:
    """The other control."""
    assert addresses(f"{read('run')}{line}\n")


def test_the_pins_hold_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert wanted(project["dependencies"]) <= pinned(read("run"))
    assert wanted(extras["printer"]) <= pinned(read("printer"))
    assert wanted(extras["traces"]) <= pinned(read("traces"))
    assert wanted(extras["dev"]) <= pinned(read("dev"))


@pytest.mark.parametrize("lock", ["printer", "traces", "dev"])
def test_what_is_tested_and_what_the_extras_bring_is_what_runs(lock: str) -> None:
    for name, pin in re.findall(r"^([a-z0-9-]+)==(\S+)", read("run"), re.MULTILINE):
        assert re.search(rf"^{name}=={re.escape(pin)}\s", read(lock), re.MULTILINE), name


@pytest.mark.parametrize(
    "page", ["Makefile", "docs/operator-guide.md", "store_agent/printing/library.py", "store_agent/agent/tracing.py"]
)
def test_everything_is_installed_by_its_hashes(page: str) -> None:
    """All but the package itself, which brings nothing with it (--no-deps)."""
    calls = re.findall(r"pip install [^`]*?(?=`|$)", (ROOT / page).read_text(), re.MULTILINE)
    assert calls
    for call in calls:
        assert "--require-hashes" in call or "--no-deps" in call, call
        assert "--no-deps" not in call or "--no-build-isolation" in call or "--no-index" in call, call


def test_ci_installs_through_the_makefile_alone() -> None:
    assert "pip install" not in (ROOT / ".ci" / "run").read_text()
