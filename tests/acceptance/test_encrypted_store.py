"""A store whose sales are encrypted at rest: the real agent, its commands, its process; the key nowhere in clear."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from store_agent.sandbox.server import SandboxServer
from store_agent.storage.cipher import MAGIC
from store_agent.storage.database import FILE_NAME
from store_agent.storage.locked import is_encrypted
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.support.texts import readable

SECRET = "planted-secret"


@pytest.fixture
def store(make_agent: MakeAgent, platform: SandboxServer) -> AgentProcess:
    return make_agent(platform.url, storage={"encryption": "on"}).start()


def sell(agent: AgentProcess) -> None:
    """Sell once; the sale has the secret in it, and is at the platform."""
    assert agent.send(sale(note=SECRET)).status_code == 200
    agent.wait_for_outbox(delivered=1)


def data(agent: AgentProcess) -> Path:
    return agent.directory / "data"


def key_of(agent: AgentProcess) -> str:
    return (data(agent) / "storage.key").read_text().splitlines()[0]


def set_encryption(agent: AgentProcess, value: str) -> None:
    text = agent.config.read_text()
    agent.config.write_text(
        re.sub(r'encryption = "\w+"\n', "", text).replace("[storage]\n", f'[storage]\nencryption = "{value}"\n')
    )


def files_with(agent: AgentProcess, *needles: bytes) -> list[str]:
    """Give the files of the agent's directory, but for the key's own, that hold one of the needles."""
    found = []
    for path in agent.directory.rglob("*"):
        if path.is_file() and path.name not in ("storage.key", "config.toml"):
            content = readable(path.read_bytes())
            found += [path.name for needle in needles if needle in content]
    return found


def opened_to_others(directory: Path) -> list[Path]:
    return [path for path in (directory, *directory.rglob("*")) if path.stat().st_mode & 0o077]


def test_sales_key_and_secrets_are_in_no_file_in_clear_G16(store: AgentProcess) -> None:
    sell(store)
    assert store.cli("backup").returncode == 0
    key = key_of(store)
    needles = (SECRET.encode(), key.encode(), bytes.fromhex(key), b"sandbox-secret", store.token.encode())
    assert files_with(store, *needles) == []
    assert opened_to_others(data(store)) == []
    store.kill()
    assert files_with(store, *needles) == []


def test_in_a_plain_store_the_same_look_finds_the_sale_G16(agent: AgentProcess) -> None:
    sell(agent)
    assert files_with(agent, SECRET.encode())


def test_the_process_shows_no_key_and_leaves_no_core_G16(store: AgentProcess) -> None:
    assert store._process is not None
    process = Path(f"/proc/{store._process.pid}")
    for name in ("cmdline", "environ"):
        assert key_of(store).encode() not in (process / name).read_bytes()
    limits = (process / "limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    assert (process / "environ").stat().st_uid == 0  # prctl(2): what is not dumpable belongs to root in /proc


def test_no_command_leaves_a_core_either_G16() -> None:
    script = (
        "import resource, sys; sys.argv = ['store-agent', '--version']\n"
        "from store_agent.cli.main import main\n"
        "try: main()\nexcept SystemExit: print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("(0, 0)\n")


def test_a_key_that_lies_open_is_named_at_the_start_G16(store: AgentProcess) -> None:
    key_file = data(store) / "storage.key"
    assert str(key_file) not in store.log.read_text()
    store.stop()
    key_file.chmod(0o644)
    assert f"chmod o=,g-w {key_file}" in store.start().log.read_text()


def test_a_store_whose_key_is_lost_for_good_sells_again_once_its_files_are_moved_away_G13(store: AgentProcess) -> None:
    sell(store)
    store.stop()
    (data(store) / "storage.key").unlink()
    assert store.cli("run").returncode == 78
    for path in data(store).glob(f"{FILE_NAME}*"):
        path.rename(store.directory / path.name)
    store.start()
    assert store.cli_json("status")["outbox"]["accepted"] == 0
    assert is_encrypted(data(store) / FILE_NAME)


def test_a_key_that_is_gone_stops_the_start_in_words_and_comes_back(store: AgentProcess) -> None:
    sell(store)
    store.stop()
    key_file = data(store) / "storage.key"
    kept = key_file.read_text()
    before = (data(store) / FILE_NAME).read_bytes()
    for content in (None, "ab" * 32 + "\n"):
        key_file.unlink()
        if content is not None:
            key_file.write_text(content)
        done = store.cli("run")
        assert done.returncode == 78, done.stdout + done.stderr
        assert "encrypted" in done.stderr
        assert "Traceback" not in done.stderr
        assert (data(store) / FILE_NAME).read_bytes() == before
        key_file.write_text(content or "x")
    assert not list(data(store).glob("damaged-*"))
    assert "encrypted" in store.cli("doctor").stdout
    key_file.write_text(kept)
    assert store.start().status()["outbox"]["accepted"] == 1


def test_the_commands_work_beside_the_agent_and_without_it(store: AgentProcess) -> None:
    sell(store)
    assert store.cli_json("audit", "verify")["whole"]
    doctor = {one["name"]: one for one in store.cli_json("doctor")["findings"]}
    assert doctor["database.encryption"]["state"] == "ok"
    made = store.cli_json("backup")
    assert made["accepted"] == 1
    assert store.cli_json("audit", "verify", made["path"])["whole"]
    assert store.cli("key", "rotate").returncode == 75
    store.stop()
    assert "No sale waits on this machine" in store.cli("status").stderr
    assert "another" in store.cli_json("terminal", "add", "another")["terminal"]
    assert store.cli("restore", "--yes", made["path"]).returncode == 0
    before = key_of(store)
    rotated = store.cli("key", "rotate", "--by", "Ada")
    assert rotated.returncode == 0, rotated.stderr
    assert key_of(store) != before
    assert f"1 former key stays in {data(store) / 'storage.key'}" in rotated.stdout
    store.start()
    assert store.status()["outbox"]["accepted"] == 1
    actions = [one["action"] for one in store.cli_json("audit")["entries"]]
    assert {"key_rotate", "restore", "configuration"} <= set(actions)
    assert store.cli_json("audit", "verify")["whole"]
    assert store.cli("restore", "--yes", made["path"]).returncode == 75


def test_a_store_is_encrypted_and_decrypted_by_its_configuration_G2(agent: AgentProcess) -> None:
    sell(agent)
    for value, other in (("on", "off"), ("off", "on")):
        set_encryption(agent, value)
        agent.kill()
        agent.start()
        assert agent.status()["outbox"]["accepted"] == 1
        assert (data(agent) / FILE_NAME).read_bytes().startswith(MAGIC) == (value == "off"), other
        assert "database.encryption" in agent.cli("doctor").stdout
    reasons = [one["reason"] for one in agent.cli_json("audit")["entries"] if one["action"] == "configuration"]
    assert [reason.rpartition("changed: ")[2] for reason in reasons[:2]] == ["storage.encryption"] * 2


def test_the_key_may_come_from_systemd(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "storage_key").write_text("5a" * 32 + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    store = make_agent(platform.url, storage={"encryption": "on"}).start()
    sell(store)
    assert not (data(store) / "storage.key").exists()
    store.stop()
    refused = store.cli("key", "rotate")
    assert refused.returncode == 78
    assert "put a new line" in refused.stderr
    (tmp_path / "storage_key").write_text("c3" * 32 + "\n" + "5a" * 32 + "\n")
    assert store.start().status()["outbox"]["accepted"] == 1
    store.stop()
    (tmp_path / "storage_key").write_text("c3" * 32 + "\n")
    assert store.start().status()["outbox"]["accepted"] == 1
