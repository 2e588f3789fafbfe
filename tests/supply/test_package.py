"""What the Debian package promises, as far as no machine is needed to see it; `make machine-test` sees the rest."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from store_agent.config.load import load
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
DEBIAN = ROOT / "packaging" / "debian"
UNIT = DEBIAN / "store-agent.service"
SCRIPTS = ["default-config", "guide", "store-agent.postinst", "store-agent.postrm"]
TO_FILL_IN = ["store.store_id", "store.client_id", "cloud.base_url", "receipts: base_url"]


@pytest.fixture(scope="module")
def unit() -> dict[str, list[str]]:
    """The settings of the service, each with its values in their order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if not line.startswith("#") and (pair := line.split("=", 1))[1:]:
            found.setdefault(pair[0], []).append(pair[1])
    return found


@pytest.fixture
def default(tmp_path: Path) -> Path:
    """The configuration of a new store."""
    made = subprocess.run(
        ["sh", str(DEBIAN / "default-config"), str(ROOT / "config.example.toml")],
        capture_output=True,
        check=True,
    )
    path = tmp_path / "config.toml"
    path.write_bytes(made.stdout)
    return path


def test_the_unit_starts_the_agent_again_but_not_with_a_configuration_that_cannot_work(
    unit: dict[str, list[str]],
) -> None:
    assert unit["Type"] == ["notify"]
    assert unit["Restart"] == ["always"]
    assert unit["RestartPreventExitStatus"] == [str(ConfigurationError.exit_code)]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert 3 * 5 <= int(unit["WatchdogSec"][0]) <= 60
    assert unit["ExecStart"] == ["/usr/bin/store-agent run -c /etc/store-agent/config.toml"]


def test_the_unit_takes_every_credential_once_it_is_there(unit: dict[str, list[str]]) -> None:
    taken = dict(line.split(":") for line in unit["LoadCredentialEncrypted"])
    sections = ("cloud", "cloud_core", "cloud_connect")
    assert set(taken) == {
        "storage_key", "cloud_proxy_secret", *(f"{one}_{what}" for one in sections for what in ("key", "secret")),
    }  # fmt: skip
    assert all(path == f"store-agent.{name}" for name, path in taken.items())


def test_the_unit_is_hardened(unit: dict[str, list[str]]) -> None:
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "MemoryDenyWriteExecute"):
        assert unit[name] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["CapabilityBoundingSet"] == [""]
    assert unit["UMask"] == ["0077"]
    assert {"MemoryMax", "TasksMax", "LimitNOFILE", "LimitCORE"} <= set(unit)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_the_unit_exposed_by_1_5_at_most() -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-300:]


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_clean(name: str) -> None:
    script = DEBIAN / name
    subprocess.run(["sh", "-n", str(script)], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "--shell=dash", str(script)], check=True)


def test_the_script_that_builds_it_is_clean() -> None:
    subprocess.run(["sh", "-n", str(ROOT / "packaging" / "deb.sh")], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", str(ROOT / "packaging" / "deb.sh")], check=True)


def test_a_new_store_is_told_what_to_fill_in_and_nothing_else(default: Path) -> None:
    with pytest.raises(ConfigurationError) as told:
        load(default)
    assert [line.strip().split(" is missing")[0].rstrip(":") for line in str(told.value).splitlines()[1:]] == TO_FILL_IN


def test_once_that_is_filled_in_the_configuration_can_be_used(default: Path) -> None:
    filled_in = re.sub(r"^# (.* = .*)  # to be filled in$", r"\1", default.read_text(), flags=re.MULTILINE)
    default.write_text(filled_in)
    example, settings = tomllib.loads((ROOT / "config.example.toml").read_text()), load(default)
    assert settings.api.socket == Path("/run/store-agent/managers.sock")
    assert settings.api.managers_group == "store-managers"
    assert settings.storage.encryption == "on"
    assert settings.model_copy(update={"api": Settings(**example).api}) == Settings(**example)


def test_the_example_comes_with_the_program_for_init_to_fill_in(default: Path) -> None:
    packed = {one.distribution_path for one in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert "store_agent/config/config.example.toml" in packed
    assert "store-agent init" in default.read_text()


def test_managers_of_the_package_are_those_of_its_configuration() -> None:
    users = (DEBIAN / "store-agent.sysusers").read_text()
    places = (DEBIAN / "store-agent.tmpfiles").read_text()
    assert "m store-agent store-managers" in users
    assert "d /run/store-agent 0750 store-agent store-managers" in places


def test_no_file_of_the_configuration_is_replaced_or_asked_about() -> None:
    install = (DEBIAN / "store-agent.install").read_text()
    assert "etc/" not in install, "dpkg asks about files there that somebody changed"
    assert "C /etc/store-agent/config.toml :0640" in (DEBIAN / "store-agent.tmpfiles").read_text()


def test_the_manual_page_tells_of_every_command() -> None:
    page = subprocess.run(
        [sys.executable, str(ROOT / "packaging" / "manpage.py")], capture_output=True, text=True, check=True
    ).stdout
    for words in (".SS outbox discard", ".SS terminal add", ".SH FILES", ".SH ENVIRONMENT", ".SH EXIT STATUS"):
        assert words in page
    assert not re.search(r"^\.(?!TH|SH|SS|PP|TP|BR?|I)", page, re.MULTILINE)


@pytest.mark.skipif(shutil.which("lowdown") is None, reason="lowdown is not installed (Debian: lowdown)")
def test_the_operators_guide_becomes_a_page_of_the_manual() -> None:
    guide = ROOT / "docs" / "operator-guide.md"
    page = subprocess.run(
        ["sh", str(DEBIAN / "guide"), str(guide)],
        cwd=ROOT,
        env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert '.TH "STORE-AGENT-OPERATOR" "7" "1970-01-01" "store-agent ' in page
    named = re.findall(r"^\.S[HS]\n(.*)$", page, re.MULTILINE)
    assert named[:2] == ["NAME", "DESCRIPTION"]
    headings = re.findall(r"^##+ (.*)$", guide.read_text(), re.MULTILINE)
    assert len(named[2:]) == len(headings) > 10
