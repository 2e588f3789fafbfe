"""`store-agent init`: a configuration by questions or flags, tried, and never worse than what was there."""

import base64
import json
import os
import pty
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from store_agent.agent import handed_over, service
from store_agent.agent.doctor.examination import STEPS, examine
from store_agent.agent.doctor.finding import State
from store_agent.agent.setup import setup
from store_agent.agent.setup.writing import Owner
from store_agent.cli import setup_steps
from store_agent.cli.asking import is_somebody_there, read_secret
from store_agent.cli.main import app
from store_agent.config.credentials import credentials_of
from store_agent.config.load import load
from store_agent.errors import AgentError, CannotCreate, ConfigurationError
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.lock import DirectoryLock
from tests.support.agent import COMMAND, AgentProcess, config_text, free_port

NOWHERE = "http://127.0.0.1:9"
SECRET = "sandbox-secret"
NOBODY = 65_534


class Done(NamedTuple):
    """How it ended, and all that it said."""

    code: int
    words: str
    found: dict[str, Any]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def init(config: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run it without a terminal; the secret is given where nothing else is."""
    monkeypatch.setenv("SUDO_USER", "anna")
    secret = config.with_name("given")
    secret.write_text(f"{SECRET}\n")

    def run(*flags: str, given: str = "") -> Done:
        ended = CliRunner().invoke(app, ["init", "-c", str(config), *flags], input=given)
        error = ended.exception
        if error is not None and not isinstance(error, AgentError | SystemExit):
            raise error
        code = error.exit_code if isinstance(error, AgentError) else ended.exit_code
        found = json.loads(ended.stdout) if "--json" in flags and ended.stdout else {}
        assert SECRET not in ended.output + str(error)
        return Done(code, ended.output + str(error or ""), found)

    return run


def flags(url: str, secret: Path | str, key: str = "sandbox-key") -> list[str]:
    named = {
        "--store-id": "1234x",
        "--client-id": "retailer-1",
        "--base-url": url,
        "--key": key,
        "--secret-file": str(secret),
        "--receipts-url": "https://rewards.example.com/r",
        "--port": str(free_port()),
    }
    return [word for pair in named.items() for word in pair]


def test_flags_alone_make_a_configuration_that_works_and_a_second_time_change_nothing(
    init: Callable[..., Done], config: Path, platform: SandboxServer
) -> None:
    asked = flags(platform.url, config.with_name("given"))
    done = init(*asked, "--json")
    assert done.code == 0
    assert done.found["written"] is True
    assert done.found["test"]["result"] == "works"
    assert done.found["terminal"]["state"] == "added"
    assert len(done.found["terminal"]["password"]) >= 43
    assert done.found["storage_key"] == str(config.with_name("data") / "storage.key")
    settings, kept = load(config), config.with_name("cloud_secret")
    assert credentials_of(settings.cloud).secret == SECRET
    assert settings.storage.directory == config.with_name("data")
    assert [path.stat().st_mode & 0o777 for path in (config, kept)] == [0o600, 0o600]
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in (config, kept)}
    for again in (init("--json"), init(*asked, "--json")):
        assert again.code == 0
        assert again.found == {
            **done.found, "written": False, "changed": [], "terminal": {"name": "lane-1", "state": "there"},
        }  # fmt: skip
    assert {path: (path.stat().st_ino, path.read_bytes()) for path in before} == before
    words = init().words
    assert "is complete, and stays as it is" in words
    assert "Terminal lane-1 may call already" in words


def test_it_works_beside_an_agent_that_runs_and_what_it_prints_opens_the_door(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    before = agent.config.read_bytes()
    ended = CliRunner().invoke(app, ["init", "-c", str(agent.config), "--terminal", "lane-7"])
    assert ended.exit_code == 0, ended.output
    assert agent.config.read_bytes() == before, "it was complete"
    printed = dict(line.split() for line in ended.output.splitlines() if line.startswith("  ") and "curl" not in line)
    assert printed["address"] == agent.url
    with agent.client_of(printed["user"], printed["password"]) as lane:
        assert lane.get("/v1/me").json()["payload"]["name"] == "lane-7"
    assert f"curl --user lane-7 {agent.url}/v1/me" in ended.output
    assert "lane-7: store-agent init" in CliRunner().invoke(app, ["audit", "-c", str(agent.config)]).output


def test_what_is_missing_is_filled_in_where_it_stands(
    init: Callable[..., Done], config: Path, platform: SandboxServer, tmp_path: Path
) -> None:
    text = (
        f'# by anna\n[store]\nstore_id = \'1234x\'  # ours\nclient_id = "r"\n[cloud]\nkey = "sandbox-key"\n'
        f'# base_url = "https://pos.example.com"  # to be filled in\n[storage]\ndirectory = "{tmp_path}/d"\n'
        f'[receipts]\nmode = "off"\n'
    )
    config.write_text(text)
    config.chmod(0o640)
    done = init("--base-url", platform.url, "--secret-file", "-", given=f"{SECRET}\n")
    assert done.code == 0, done.words
    filled_in = f'secret_file = "{config.with_name("cloud_secret")}"\n'
    line = f'base_url = "{platform.url}"\n'
    wanted = text.replace('# base_url = "https://pos.example.com"  # to be filled in\n', line)
    assert config.read_text() == wanted.replace("[cloud]\n", f"[cloud]\n{filled_in}")
    assert config.stat().st_mode & 0o777 == 0o640


def test_a_flag_changes_what_is_there_and_nothing_else_does(
    init: Callable[..., Done], config: Path, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert init(*flags(platform.url, config.with_name("given"))).code == 0
    monkeypatch.setenv("STORE_AGENT_CLOUD__SECRET", "another")
    done = init("--client-id", "retailer-2", "--json")
    assert done.code == 0
    assert done.found["changed"] == ["store.client_id"]
    assert load(config).store.client_id == "retailer-2"
    assert config.with_name("cloud_secret").read_text().strip() == SECRET


def test_the_secret_may_come_from_the_environment(
    init: Callable[..., Done], config: Path, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_AGENT_CLOUD__SECRET", SECRET)
    asked = flags(platform.url, "-")
    at = asked.index("--secret-file")
    assert init(*asked[:at], *asked[at + 2 :]).code == 0
    assert config.with_name("cloud_secret").read_text().strip() == SECRET


def test_refused_credentials_are_not_written(init: Callable[..., Done], config: Path, platform: SandboxServer) -> None:
    asked = flags(platform.url, config.with_name("given"), key="wrong")
    done = init(*asked, "--json")
    assert done.code == 78
    assert done.found["test"]["result"] == "refused"
    assert "cloud.key and cloud.secret" in done.found["test"]["cure"]
    assert not config.exists()
    assert not config.with_name("cloud_secret").exists()
    assert "Nothing was written" in init(*asked).words
    assert init(*asked, "--no-test").code == 0
    before = config.read_bytes()
    assert init("--store-id", "other").code == 78
    assert config.read_bytes() == before, "what was there stays"


def test_without_a_line_all_is_done_and_the_agent_will_try(init: Callable[..., Done], config: Path) -> None:
    done = init(*flags(NOWHERE, config.with_name("given")), "--json")
    assert done.code == 75
    assert done.found["test"]["result"] == "not_reachable"
    assert "cannot be reached" in done.found["test"]["words"]
    assert done.found["terminal"]["state"] == "added"
    assert load(config).cloud.base_url == NOWHERE


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (
            [],
            78,
            "--store-id, --client-id, --base-url, --key, --secret-file (or STORE_AGENT_CLOUD__SECRET), --receipts",
        ),
        (["--base-url", "http://pos.example.com"], 78, "--base-url: base_url: must begin with https://"),
        (["--base-url", "pos"], 78, "--base-url: It must be an address such as https://pos.example.com"),
        (["--store-id", "a\x1bb"], 78, "--store-id: It must be one line"),
        (["--terminal", "no good"], 65, "name must be 1 to 64 letters"),
        (["--secret-file", "/nowhere/at/all"], 78, "cannot be read"),
        (["--secret-file", "/dev/zero"], 78, "is no secret"),
        (["-c", "/nowhere/at/all.toml"], 73, "its directory is not there"),
        (["--secret", SECRET[:7]], 2, "No such option"),
    ],
)
def test_what_cannot_be_right_is_told_in_one_message_and_changes_nothing(
    init: Callable[..., Done], config: Path, asked: list[str], code: int, words: str
) -> None:
    done = init(*asked)
    assert done.code == code
    assert words in done.words
    assert not config.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[store\n", "cannot be filled in: Expected"),
        ("cloud = 5\n", "[cloud] is to be a table"),
        ('[api]\nprot = 1\n[receipts]\nmode = "off"\n', "did you mean port?"),
    ],
)
def test_a_configuration_that_cannot_be_used_replaces_none(
    init: Callable[..., Done], config: Path, text: str, words: str
) -> None:
    config.write_text(text)
    done = init(*flags(NOWHERE, config.with_name("given")))
    assert done.code == 78
    assert words in done.words
    assert config.read_text() == text
    assert not config.with_name("cloud_secret").exists()


def test_two_configurations_in_one_directory_share_nothing(
    init: Callable[..., Done], config: Path, platform: SandboxServer
) -> None:
    assert init(*flags(platform.url, config.with_name("given"))).code == 0
    kept, other = config.with_name("cloud_secret").read_bytes(), config.with_name("other.toml")
    asked = flags(platform.url, config.with_name("given"))
    given = config.with_name("given")
    given.write_text("another")
    assert init(*asked, "-c", str(other), "--no-test").code == 0
    assert config.with_name("cloud_secret").read_bytes() == kept
    assert credentials_of(load(other).cloud).secret == "another"
    assert load(other).storage.directory == config.with_name("other.data")


def test_an_agent_that_holds_the_sales_and_cannot_be_asked_is_no_line_that_is_down(
    init: Callable[..., Done], config: Path, platform: SandboxServer
) -> None:
    data = config.with_name("held")
    data.mkdir(mode=0o700)
    lock = DirectoryLock(data)
    lock.take()
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(data)]
    try:
        done = init(*asked, "--json")
    finally:
        lock.release()
    assert done.code == 69
    assert "no terminal was let in: Another store-agent" in done.words
    assert (done.found["written"], done.found["terminal"]) == (True, None)
    assert done.found["changed"].count("storage.directory") == 1
    assert init("--json").found["terminal"]["state"] == "added"


def test_a_terminal_that_was_shut_out_stays_so(
    init: Callable[..., Done], config: Path, platform: SandboxServer
) -> None:
    assert init(*flags(platform.url, config.with_name("given"))).code == 0
    CliRunner().invoke(app, ["terminal", "revoke", "lane-1", "-c", str(config)])
    assert init("--json", "--terminal", "lane-1").found["terminal"] == {"name": "lane-1", "state": "revoked"}
    assert init("--json", "--terminal", "till-2").found["terminal"]["state"] == "added"
    assert init("--json").found["terminal"] == {"name": "till-2", "state": "there"}, "no lane-1 is made again"


class Screen:
    """A terminal, and a person at it who reads and types."""

    def __init__(self, *words: str) -> None:
        self._end, screen = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdin=screen, stdout=screen, stderr=screen, start_new_session=True
        )
        os.close(screen)
        self.seen = ""
        self._read = 0

    def answer(self, question: str, words: str) -> None:
        """Wait for a question, and type."""
        self.until(question)
        os.write(self._end, f"{words}\n".encode())

    def until(self, words: str) -> None:
        while words not in self.seen[self._read :]:
            self.seen += os.read(self._end, 65_536).decode()
        self._read = self.seen.index(words, self._read) + len(words)

    def close(self) -> int:
        """Wait until it ends; gives the exit code."""
        try:
            while said := os.read(self._end, 65_536):
                self.seen += said.decode()
        except OSError:
            os.close(self._end)
        return self.process.wait(30)


def test_a_person_is_asked_and_told_what_is_wrong_until_the_platform_takes_it(
    config: Path, platform: SandboxServer
) -> None:
    screen = Screen("init", "-c", str(config), "--port", str(free_port()))
    screen.answer("Store id: ", "1234x")
    screen.answer("Client id: ", "retailer-1")
    screen.answer("pos.example.com: ", "http://pos.example.com")
    screen.answer("must begin with https://", "")
    screen.answer("pos.example.com: ", platform.url)
    screen.answer("Key: ", "sandbox-key")
    screen.answer("Secret (is not shown): ", "a-wrong-one")
    assert "wrong-one" not in Path(f"/proc/{screen.process.pid}/cmdline").read_text()
    screen.answer("/r: ", "https://rewards.example.com/r")
    screen.until("refuses this store's credentials")
    assert not config.exists()
    screen.answer("Store id [1234x]: ", "")
    screen.answer("Client id [retailer-1]: ", "")
    screen.answer(f"[{platform.url}]: ", "")
    screen.answer("Key [sandbox-key]: ", "")
    screen.answer("Enter keeps it): ", SECRET)
    screen.answer("terminal [lane-1]: ", "manager")
    screen.answer("terminal [lane-1]: ", "till-1")
    assert screen.close() == 0, screen.seen
    assert "user      till-1" in screen.seen
    assert SECRET not in screen.seen
    assert "wrong-one" not in screen.seen
    assert credentials_of(load(config).cloud).secret == SECRET
    assert [path.stat().st_mode & 0o777 for path in (config, config.with_name("cloud_secret"))] == [0o600, 0o600]


class Machine(NamedTuple):
    """One that systemd seems to run, with the service on it."""

    directory: Path

    @property
    def asked(self) -> list[str]:
        """Give what systemd was asked to do."""
        asked = (self.directory / "asked").read_text().splitlines()
        return [line for line in asked if not line.startswith(("cat", "show"))]

    def answer(self, script: str) -> None:
        """Say what systemctl does."""
        path = self.directory / "systemctl"
        path.write_text(f'#!/bin/sh\necho "$*" >> {self.directory}/asked\n{script}\n')
        path.chmod(0o755)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, config: Path, tmp_path: Path) -> Machine:
    if os.geteuid() != 0:
        pytest.skip("only root can start a service")
    found = Machine(tmp_path / "systemd")
    found.directory.mkdir()
    started = found.directory / "started"
    tells = f"restart*) date -u '+%a %F %T.%6N UTC' >{started};; *StartTimestamp*) cat {started};;"
    found.answer(f'case "$*" in {tells} esac')
    monkeypatch.setenv("PATH", f"{found.directory}:{os.environ['PATH']}")
    monkeypatch.setattr(service, "CONFIGURATION", config)
    monkeypatch.setattr(service, "BOOTED", found.directory)
    monkeypatch.setattr(handed_over, "CREDENTIALS", found.directory)
    return found


def test_the_service_is_started_when_something_is_new_or_it_does_not_run(
    init: Callable[..., Done], config: Path, platform: SandboxServer, machine: Machine, tmp_path: Path
) -> None:
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(tmp_path / "data")]
    assert init(*asked, "--json").found["service"] == "restarted"
    assert machine.asked == ["restart store-agent.service"]
    assert init("--json").found["service"] == "runs"
    assert machine.asked[1:] == ["is-active --quiet store-agent.service"]
    for path in (config, config.with_name("cloud_secret")):
        path.write_text(path.read_text() + "\n")  # by hand, or by one that was cut off before it came to the service
        found = init("--json").found
        assert (found["written"], found["service"]) == (False, "restarted")
        assert init("--json").found["service"] == "runs"
    machine.answer("test $1 = cat || { echo not here; false; }")
    done = init("--json")
    assert done.code == 69
    assert "the service does not start: not here" in done.words
    assert (done.found["written"], done.found["service"]) == (False, None)


def test_the_secret_may_be_kept_by_systemd_alone(
    init: Callable[..., Done], config: Path, platform: SandboxServer, machine: Machine, tmp_path: Path
) -> None:
    tried = subprocess.run(["systemd-creds", "encrypt", "-", "-"], input=b"x", capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("systemd-creds does not work here")
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(tmp_path / "data")]
    assert init(*asked).code == 0
    done = init("--systemd-creds")
    assert done.code == 78
    assert "--secret-file" in done.words, "it is to be moved"
    assert init(*asked, "--systemd-creds").code == 0
    assert "\nsecret" not in config.read_text()
    assert not config.with_name("cloud_secret").exists()
    credential = machine.directory / "store-agent.cloud_secret"
    assert credential.stat().st_mode & 0o777 == 0o600
    assert SECRET not in credential.read_text()
    before = credential.read_bytes()
    for again in (init("--json"), init(*asked, "--json"), init(*asked, "--systemd-creds", "--json")):
        assert again.found["test"]["result"] == "works"
        assert again.found["written"] is False
    assert credential.read_bytes() == before


@pytest.fixture
def credentials(machine: Machine) -> Path:
    """Give the machine a systemd-creds, and the way to the credential that it makes."""
    tool = machine.directory / "systemd-creds"
    tool.write_text(
        '#!/bin/sh\ncase $1 in encrypt) base64;; *) base64 -d "$3" 2>/dev/null || { echo broken >&2; false; };; esac\n'
    )
    tool.chmod(0o755)
    return machine.directory / "store-agent.cloud_secret"


def test_root_sees_the_credentials_that_only_the_service_gets(
    init: Callable[..., Done], config: Path, platform: SandboxServer, credentials: Path, tmp_path: Path
) -> None:
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(tmp_path / "data")]
    assert init(*asked, "--systemd-creds").code == 0
    steps = [step for step in STEPS if step.name == "configuration"]
    checked = CliRunner().invoke(app, ["check-config", "-c", str(config)])
    assert checked.exit_code == 0, checked.exception
    assert {one.state for one in examine(config, steps)} == {State.OK}
    for content, words in ((b"?", "broken); the service does not start with it"), (b"/w==", "it is not text")):
        credentials.write_bytes(content)
        checked = CliRunner().invoke(app, ["check-config", "-c", str(config)])
        assert words in str(checked.exception)
        assert State.PROBLEM in {one.state for one in examine(config, steps)}


def test_a_secret_that_a_drop_in_of_the_unit_hands_over_is_not_asked_for(
    init: Callable[..., Done], config: Path, platform: SandboxServer, machine: Machine, tmp_path: Path
) -> None:
    plain = config.with_name("plain")
    plain.write_text(f"{SECRET}\n")
    machine.answer(f'case $1 in cat) echo "#LoadCredential=cloud_key:/x\nLoadCredential=cloud_secret:{plain}";; esac')
    asked = [*flags(platform.url, "-"), "--directory", str(tmp_path / "data")]
    at = asked.index("--secret-file")
    done = init(*asked[:at], *asked[at + 2 :], "--json")
    assert (done.code, done.found["test"]["result"]) == (0, "works"), done.words
    assert "\nsecret" not in config.read_text()
    assert CliRunner().invoke(app, ["check-config", "-c", str(config)]).exit_code == 0
    plain.unlink()
    refused = CliRunner().invoke(app, ["check-config", "-c", str(config)]).exception
    assert "LoadCredential=cloud_secret cannot be read (No such file" in str(refused)


def test_root_is_told_what_the_user_of_the_unit_cannot_read(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.answer('case "$*" in *=User*) echo nobody;; esac')
    with tempfile.TemporaryDirectory(dir="/dev/shm") as named:
        config, secret = Path(named) / "config.toml", Path(named) / "secret"
        monkeypatch.setattr(service, "CONFIGURATION", config)
        config.write_text(config_text(Path(named), NOWHERE, free_port(), cloud={"secret_file": str(secret)}))
        config.write_text(config.read_text().replace('secret = "sandbox-secret"\n', ""))
        secret.write_text(SECRET)
        os.chown(secret, NOBODY, NOBODY)
        for path in (Path(named), config, secret):
            path.chmod(0o755)
        assert CliRunner().invoke(app, ["check-config", "-c", str(config)]).exit_code == 0
        for path in (config, secret):
            path.chmod(0o600)
            os.chown(path, 0, 0)
            refused = CliRunner().invoke(app, ["check-config", "-c", str(config)]).exception
            assert f"nobody cannot read {path}: the service does not start" in str(refused)
            path.chmod(0o644)


def test_a_credential_that_cannot_be_decrypted_gives_way_to_a_secret_that_is_given(
    init: Callable[..., Done], config: Path, platform: SandboxServer, credentials: Path, tmp_path: Path
) -> None:
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(tmp_path / "data")]
    assert init(*asked, "--systemd-creds").code == 0
    for more in ([], ["--systemd-creds"]):
        credentials.write_text("?")
        done = init(*more)
        assert done.code == 78
        assert "--secret-file" in done.words
        assert credentials.read_text() == "?"
        done = init("--secret-file", str(config.with_name("given")), *more)
        assert done.code == 0, done.words
        assert base64.b64decode(credentials.read_bytes()).decode() == SECRET


def test_a_file_with_the_secret_that_nobody_reads_any_more_is_named(
    init: Callable[..., Done], config: Path, platform: SandboxServer, credentials: Path, tmp_path: Path
) -> None:
    elsewhere, real = config.with_name("link"), config.with_name("elsewhere")
    elsewhere.symlink_to(real)
    real.write_text("before")
    config.write_text('[cloud]\nsecret_file = "link"\n')
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(tmp_path / "data")]
    assert init(*asked).code == 0
    assert f'secret_file = "{elsewhere}"' in config.read_text(), "the service looks from / on"
    assert elsewhere.is_symlink()
    assert real.read_text().strip() == SECRET
    assert init(*asked, "--json").found["plain_secret"] is None
    config.with_name("cloud_secret").mkdir()
    done = init(*asked, "--systemd-creds", "--json")
    assert done.code == 0
    assert done.found["plain_secret"] == str(elsewhere)
    assert credentials.exists()


def test_a_configuration_that_cannot_be_written_leaves_the_secret_that_was_there(
    init: Callable[..., Done], config: Path, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *_: object) -> None:
        raise CannotCreate(f"{path} cannot be written (full). What was there stays.")

    asked = flags(platform.url, config.with_name("given"))
    kept = config.with_name("cloud_secret")
    monkeypatch.setattr(setup, "write", fail)
    assert init(*asked).code == 73
    assert not kept.exists()
    kept.write_text("before")
    kept.chmod(0o640)
    assert init(*asked).code == 73
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("before", 0o640)


def test_what_root_makes_for_the_service_belongs_to_the_user_of_its_unit(
    init: Callable[..., Done], config: Path, platform: SandboxServer, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.answer('case "$*" in *=User*) echo nobody;; esac')
    became: list[Owner] = []
    monkeypatch.setattr(setup_steps, "become", became.append)
    asked = [*flags(platform.url, config.with_name("given")), "--directory", str(config.with_name("nowhere-yet"))]
    assert init(*asked).code == 0
    nobody = pwd.getpwnam("nobody")
    assert became == [Owner(nobody.pw_uid, nobody.pw_gid)]
    found = [(path.stat().st_uid, path.stat().st_gid) for path in (config, config.with_name("cloud_secret"))]
    assert found == [(0, nobody.pw_gid), became[0]]


def test_nobody_is_asked_where_standard_input_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert not is_somebody_there()
    with pytest.raises(ConfigurationError, match="standard input is closed"):
        read_secret(Path("-"))


def test_without_a_service_there_is_nobody_to_hand_a_credential_to(init: Callable[..., Done], config: Path) -> None:
    done = init(*flags(NOWHERE, config.with_name("given")), "--systemd-creds")
    assert done.code == 78
    assert "is not installed here" in done.words


TWICE = """
import sys
from store_agent.cli.main import app
for config in sys.argv[1:3]:  # the first loads the program, which the other user may not be able to read
    app(["init", "-c", config, *sys.argv[3:]], standalone_mode=False)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can set up for another user")
def test_what_root_makes_belongs_to_the_agent_s_user() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as named:
        own, place = Path(named) / "own", Path(named) / "agent"
        for directory in (Path(named), own, place, place / "data"):
            directory.mkdir(exist_ok=True)
            directory.chmod(0o755)
        secret = own / "given"
        secret.write_text(SECRET)
        os.chown(place / "data", NOBODY, NOBODY)
        configs = [str(directory / "config.toml") for directory in (own, place)]
        command = [sys.executable, "-c", TWICE, *configs, *flags(NOWHERE, secret), "--no-test", "--by", "anna"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "user      lane-1" in done.stdout
        assert {path.stat().st_uid for path in (place / "data").iterdir()} == {NOBODY}
        assert (place / "data" / "store-agent.db").exists()
        modes = [(path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o777) for path in (
            place / "config.toml", place / "cloud_secret",
        )]  # fmt: skip
        assert modes == [(0, NOBODY, 0o640), (NOBODY, NOBODY, 0o600)]
