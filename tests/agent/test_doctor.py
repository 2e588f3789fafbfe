"""The doctor finds what is broken, says what it means and how to cure it, and goes on whatever it meets."""

import asyncio
import base64
import ctypes
import errno
import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store_agent.agent import service
from store_agent.agent.doctor import database, disk, local, network, versions
from store_agent.agent.doctor.examination import STEPS, Step, examine
from store_agent.agent.doctor.finding import Finding, State
from store_agent.agent.doctor.subject import read_subject
from store_agent.agent.keys import storage_keys
from store_agent.agent.store import make_backups
from store_agent.clock import SystemClock
from store_agent.cloud.transport import Timeouts
from store_agent.domain.settle import Park
from store_agent.sandbox.server import SandboxServer
from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.integrity import Findings
from store_agent.storage.key import Keys
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.outbox import Outbox
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess, config_text, free_port
from tests.support.arrivals import another, assemble
from tests.support.certificates import Authority
from tests.support.fake_printer import OUT_OF_PAPER, FakePrinter
from tests.support.far_side import proxy_at_work
from tests.support.sales import sale

SECRETS = ("sandbox-secret", "hidden-in-a-proxy", "hidden-in-an-address")

Configure = Callable[..., Path]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Write a configuration that only its owner can read."""

    def written(url: str = "http://127.0.0.1:9", **sections: dict[str, Any]) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(config_text(tmp_path, url, free_port(), **sections))
        path.chmod(0o600)
        return path

    return written


def diagnose(path: Path, *names: str) -> dict[str, Finding]:
    """Run some of the checks; gives the findings by name."""
    chosen = [step for step in STEPS if step.name in names]
    assert len(chosen) == len(names)
    return {finding.name: finding for finding in examine(path, chosen)}


def bad(finding: Finding, state: State, *words: str) -> None:
    """Expect a finding that is complete: with words, meaning and cure."""
    assert finding.state is state, finding
    assert finding.meaning
    assert finding.cure
    assert all(word in finding.words + finding.meaning + finding.cure for word in words), finding


def fine(finding: Finding) -> None:
    assert finding.state is State.OK, finding


async def with_database(path: Path, *, days_ago: float = 0.0, parked: bool = False) -> Path:
    """Make the database with one sale; gives its file."""

    class Past(SystemClock):
        def wall(self) -> float:
            return super().wall() - days_ago * 86_400

    directory = read_subject(path).settings.storage.directory
    async with open_database(directory, Past()) as opened:
        await Intake(opened, Past(), None).accept([another("T-1")])
        if parked:
            outbox = Outbox(opened, Past())
            (batch,) = await outbox.freeze(1, limits(), assemble)
            await outbox.settle(batch, Park("Unknown employee.", ""), assemble)
    for made in directory.iterdir():
        made.chmod(0o600)  # whatever the umask of the tests is
    return directory / FILE_NAME


def limits() -> Any:
    from store_agent.domain.batch import BatchLimits

    return BatchLimits()


def altered(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute(statement)
        raw.commit()


# The real thing


def test_a_store_that_is_well_has_no_problem(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    agent.config.chmod(0o600)
    agent.send(sale())
    agent.wait_for_outbox(delivered=1)
    done = agent.cli("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("agent", "agent.progress", "credentials", "clock.platform", "database.books", "dns", "tcp", "tls"):
        assert f"ok          {name} " in done.stdout
    assert "0 problem" in done.stdout
    assert all(len(line) <= 80 or "/" in line for line in done.stdout.splitlines())
    assert agent.send(sale("T-2")).status_code == 200


def test_a_secret_that_only_root_sees_is_no_problem_to_others(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configure()
    path.write_text(path.read_text().replace('secret = "sandbox-secret"\n', ""))
    bad(diagnose(path, "configuration")["secret"], State.PROBLEM, "cloud.secret is missing")
    monkeypatch.setattr(service, "CONFIGURATION", path)
    monkeypatch.setattr(service, "BOOTED", path.parent)
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    found = diagnose(path, "configuration")["secret"]
    assert found.state is State.NOT_CHECKED
    assert "Run this as root" in found.words


def test_problems_end_with_a_code_and_words_in_json(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url, cloud={"secret": "wrong"})
    done = agent.cli("doctor", "--json")
    assert done.returncode == 69
    report = json.loads(done.stdout)
    by_name = {finding["name"]: finding for finding in report["findings"]}
    assert by_name["credentials"]["state"] == by_name["agent"]["state"] == "problem"
    assert "Correct cloud.key and cloud.secret" in by_name["credentials"]["cure"]
    assert report["counts"]["problem"] == 2


def test_a_broken_configuration_does_not_end_the_examination_and_shows_no_secret_G16(
    agent: AgentProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRETS[1]}@proxy.example.com")
    text = agent.config.read_text()
    broken = text.replace('base_url = "http://', f'base_ulr = "http://me:{SECRETS[2]}@')
    for content, form, checked in ((broken, ["--json"], "agent"), (text + "[oops", [], "clock")):
        agent.config.write_text(content)
        done = agent.cli("doctor", *form)
        assert done.returncode == 78
        assert not any(secret in done.stdout + done.stderr for secret in SECRETS)
        states = _states(done.stdout) if not form else _states_of_json(done.stdout)
        assert states["configuration"] == "problem"
        assert states["credentials"] == "not checked"
        assert states[checked] != "not checked"


def _states_of_json(text: str) -> dict[str, str]:
    return {finding["name"]: finding["state"] for finding in json.loads(text)["findings"]}


def _states(text: str) -> dict[str, str]:
    """Read the columns of the text for people."""
    return {line[12:30].strip(): line[:12].strip() for line in text.splitlines() if line[:1].strip()}


def test_an_address_with_a_password_is_not_shown_G16(
    configure: Configure, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://me:{SECRETS[1]}@proxy.example.com")
    for url in (platform.url, "http://127.0.0.1:1", "https://no-such-host.invalid", platform.url.replace("p:", "ps:")):
        path = configure(url.replace("://", f"://me:{SECRETS[2]}@"))
        shown = " ".join(map(repr, diagnose(path, "configuration", "line", "clock.platform", "credentials").values()))
        assert not any(secret in shown for secret in SECRETS)


def test_no_check_hangs_and_none_ends_the_others(configure: Configure) -> None:
    never = threading.Event()

    def hang(_: object) -> Iterator[Finding]:
        never.wait()
        yield from ()

    def break_(_: object) -> Iterator[Finding]:
        raise ZeroDivisionError("sandbox-secret")

    found = list(examine(configure(), [Step("hangs", hang, 0.01), Step("breaks", break_, 5.0), STEPS[1]]))
    never.set()
    bad(found[0], State.PROBLEM, "did not end within 0.01 seconds")
    assert found[1].state is State.NOT_CHECKED
    assert "sandbox-secret" not in found[1].words
    fine(found[2])


# Configuration


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"cloud": {"base_ulr": "x"}}, "did you mean base_url?"),
        ({"storage": {"directroy": "x"}}, "did you mean directory?"),
        ({"drain": {"batch_max": 11}}, "drain.batch_max"),
    ],
)
def test_a_wrong_key_is_named(configure: Configure, sections: dict[str, Any], words: str) -> None:
    found = diagnose(configure(**sections), "configuration", "disk", "credentials")
    bad(found["configuration"], State.PROBLEM, words)
    assert ("disk" in found) == ("storage" in sections), "what needs a broken table is not checked, the rest is"
    assert found["credentials"].state is not State.OK


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    bad(diagnose(tmp_path / "none.toml", "configuration")["configuration"], State.PROBLEM, "cannot be read")


def test_a_secret_that_is_not_there_is_named(configure: Configure, tmp_path: Path) -> None:
    path = configure(cloud={"secret_file": str(tmp_path / "nothing")})
    path.write_text(path.read_text().replace('secret = "sandbox-secret"\n', ""))
    bad(diagnose(path, "configuration")["secret"], State.PROBLEM, "cannot be read")


@pytest.mark.parametrize("apart", [False, True])
def test_a_secret_that_others_can_read_is_named(configure: Configure, tmp_path: Path, *, apart: bool) -> None:
    path = holder = configure()
    if apart:
        holder = tmp_path / "cloud_secret"
        holder.write_text("sandbox-secret")
        path.write_text(path.read_text().replace('secret = "sandbox-secret"', f'secret_file = "{holder}"'))
    for mode, state in ((0o644, State.WARNING), (0o660, State.WARNING), (0o640, State.OK), (0o600, State.OK)):
        holder.chmod(mode)
        assert diagnose(path, "configuration")["secret.readers"].state is state


# This machine


def test_an_sqlite_that_loses_sales_is_named(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    fine(diagnose(configure(), "versions")["versions"])
    monkeypatch.setattr(sqlite, "refuse_affected", partial(sqlite.refuse_affected, (3, 40, 1)))
    bad(diagnose(configure(), "versions")["versions"], State.PROBLEM, "WAL-reset")


@pytest.mark.parametrize(
    ("answer", "state"),
    [("enabled", State.OK), ("disabled", State.WARNING), ("masked", State.WARNING), ("not-found", State.WARNING)],
)
def test_a_service_that_does_not_start_by_itself_is_named(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, state: State
) -> None:
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho {answer}\n")
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(versions, "BOOTED", tmp_path)
    assert diagnose(configure(), "service")["service"].state is state
    monkeypatch.setattr(versions, "BOOTED", tmp_path / "nothing")
    assert diagnose(configure(), "service")["service"].state is State.NOT_CHECKED


@pytest.mark.parametrize(("mode", "state"), [(0o700, State.OK), (0o755, State.WARNING), (0o500, State.PROBLEM)])
def test_the_mode_of_the_directory_is_looked_at(configure: Configure, tmp_path: Path, mode: int, state: State) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(mode)
    found = diagnose(configure(), "directory")["directory"]
    if os.geteuid() == 0 or mode != 0o500:
        assert found.state is state
    else:
        assert found.state is State.NOT_CHECKED
    (tmp_path / "data").chmod(0o700)


def test_a_directory_that_is_none_is_named(configure: Configure, tmp_path: Path) -> None:
    bad(diagnose(configure(), "directory")["directory"], State.WARNING, "does not exist")
    (tmp_path / "data").touch()
    bad(diagnose(configure(), "directory")["directory"], State.PROBLEM, "not a directory")


async def test_files_of_others_and_for_others_are_named(configure: Configure) -> None:
    path = configure()
    file = await with_database(path)
    fine(diagnose(path, "directory")["directory.files"])
    file.chmod(0o644)
    bad(diagnose(path, "directory")["directory.files"], State.WARNING, FILE_NAME)
    if os.geteuid() == 0:
        os.chown(file, 1, 1)
        bad(diagnose(path, "directory")["directory.files"], State.PROBLEM, "chown")


@pytest.mark.parametrize(
    ("levels", "state"),
    [
        ({"free_min_bytes": 2**40, "free_warn_bytes": 2**40}, State.PROBLEM),
        ({"free_warn_bytes": 2**40}, State.WARNING),
        ({"free_min_bytes": 0, "free_warn_bytes": 0, "reserve_bytes": 0}, State.OK),
    ],
)
def test_a_disk_that_gets_full_is_named(configure: Configure, levels: dict[str, int], state: State) -> None:
    assert diagnose(configure(storage=levels), "disk")["disk.room"].state is state


@pytest.mark.parametrize(
    ("kind", "state"), [("ext4", State.OK), ("nfs4", State.WARNING), ("cifs", State.WARNING), ("tmpfs", State.WARNING)]
)
def test_a_disk_that_is_none_is_named(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, state: State
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n36 22 0:3 / {tmp_path} rw shared:1 - {kind} server:/share rw\n"
        "37 22 0:4 / /somewhere\\040else rw - proc proc rw\n"
    )
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    assert diagnose(configure(), "disk")["disk.kind"].state is state
    assert disk.file_system(Path("/somewhere else/x"), mounts.read_text()) == "proc"


def test_a_disk_that_does_not_take_a_file_is_named(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "data").mkdir()
    fine(diagnose(configure(), "disk")["disk.sync"])
    monkeypatch.setattr(disk, "SLOW_SECONDS", -1.0)
    bad(diagnose(configure(), "disk")["disk.sync"], State.WARNING)
    monkeypatch.setattr(os, "fsync", fail)
    bad(diagnose(configure(), "disk")["disk.sync"], State.PROBLEM, "Input/output error")
    assert list((tmp_path / "data").iterdir()) == []


# The database


async def test_a_sound_database_is_left_as_it_is(configure: Configure) -> None:
    path = configure()
    fine(diagnose(path, "database")["database"])  # none yet
    file = await with_database(path)
    before = file.read_bytes()
    found = diagnose(path, "database")
    assert {finding.state for finding in found.values()} == {State.OK}
    assert file.read_bytes() == before


async def test_a_damaged_database_is_named_G13(configure: Configure) -> None:
    path = configure()
    file = await with_database(path)
    content = bytearray(file.read_bytes())
    content[0:16] = bytes(16)
    file.write_bytes(content)
    bad(diagnose(path, "database")["database"], State.PROBLEM, "damaged")


async def test_an_agent_at_work_is_not_taken_for_damage_G13(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are never at rest: they are not looked at beside SQLite."""
    path = configure()

    def look(*_: object) -> Findings:
        return Findings("", complete=False)

    monkeypatch.setattr(database, "find_damage", look)
    monkeypatch.setattr(database, "examine", lambda *_: "The journal is damaged.")
    async with open_database(read_subject(path).settings.storage.directory, SystemClock()):
        found = diagnose(path, "database")
        fine(found["database"])
        assert "not everything was looked at" in found["database"].words
    bad(diagnose(path, "database")["database"], State.PROBLEM, "journal")


async def test_a_key_that_only_the_agent_at_work_has_stops_no_sales_yet(configure: Configure) -> None:
    path = configure(storage={"encryption": "on"})
    key = "5a" * 32
    async with open_database(read_subject(path).settings.storage.directory, SystemClock(), keys=Keys(key, (key,))):
        bad(diagnose(path, "database")["database"], State.WARNING, "Sales go on", "bring the file back")
    bad(diagnose(path, "database")["database"], State.PROBLEM, "encrypted", "No sale can be taken")


async def test_a_key_that_others_can_read_is_named_G16(configure: Configure, tmp_path: Path) -> None:
    key = tmp_path / "storage.key"
    path = configure(storage={"encryption": "on", "key_file": str(key)})
    settings = read_subject(path).settings
    async with open_database(settings.storage.directory, SystemClock(), keys=storage_keys(settings, make=True)):
        pass
    fine(diagnose(path, "database")["database.key"])
    key.chmod(0o644)
    bad(diagnose(path, "database")["database.key"], State.WARNING, str(key), "0644")


async def test_a_copy_from_before_the_encryption_is_named_G16(configure: Configure) -> None:
    path = configure(storage={"encryption": "on"})
    settings = read_subject(path).settings
    async with open_database(settings.storage.directory, SystemClock(), keys=storage_keys(settings, make=True)):
        pass
    fine(diagnose(path, "database")["database.encryption"])
    for name in ("before-schema-11.db", f"damaged-1/{FILE_NAME}"):
        copy = settings.storage.directory / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(b"SQLite format 3\0")
        bad(diagnose(path, "database")["database.encryption"], State.WARNING, name)
        copy.unlink()


async def test_books_that_do_not_balance_are_named_G2(configure: Configure) -> None:
    path = configure()
    file = await with_database(path)
    altered(file, "UPDATE tally SET revisions = revisions + 1 WHERE state = 'accepted'")
    found = diagnose(path, "database")
    bad(found["database"], State.PROBLEM, "balance")
    bad(found["database.books"], State.PROBLEM, "missing")


async def test_sales_that_wait_for_days_or_for_somebody_are_named(configure: Configure) -> None:
    path = configure()
    file = await with_database(path, days_ago=3)
    bad(diagnose(path, "database")["database.waiting"], State.WARNING, "1 sale waits", "3 d")
    shutil.rmtree(file.parent)
    await with_database(path, parked=True)
    bad(diagnose(path, "database")["database.refused"], State.WARNING, "outbox list --state parked")


def test_the_schema_is_compared_with_the_program_s(configure: Configure, tmp_path: Path) -> None:
    file = tmp_path / "data" / FILE_NAME
    file.parent.mkdir()
    with closing(sqlite.connect(str(file), isolation_level=None)) as raw:
        migrate(raw, file, steps()[:1])
    found = diagnose(configure(), "database")
    assert "Schema 1; it becomes" in found["database.schema"].words
    fine(found["database"])
    altered(file, "PRAGMA user_version = 999")
    bad(diagnose(configure(), "database")["database.schema"], State.WARNING, "newer")


async def test_backups_that_are_late_are_named(configure: Configure) -> None:
    path = configure(storage={"free_min_bytes": 0, "free_warn_bytes": 0, "reserve_bytes": 0})
    assert diagnose(path, "backup")["backup"].state is State.NOT_CHECKED
    await with_database(path)
    bad(diagnose(path, "backup")["backup"], State.WARNING, "no backup")
    made = make_backups(read_subject(path).settings).make(time.time(), threading.Event())
    fine(diagnose(path, "backup")["backup"])
    os.utime(made.path, (0, time.time() - 50 * 3_600))
    bad(diagnose(path, "backup")["backup"], State.WARNING, "2 d 2 h old")


# The agent's port


def test_a_port_without_the_agent_is_named(
    configure: Configure, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad(diagnose(configure(), "agent")["agent"], State.PROBLEM, "does not run")
    taken = int(platform.url.rpartition(":")[2])
    bad(diagnose(configure(api={"port": taken}), "agent")["agent"], State.PROBLEM, "Another program")
    monkeypatch.setattr(local, "QUICK", Timeouts(connect=1.0, read=0.05, whole=1.0))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        path = configure(api={"port": silent.getsockname()[1]})
        bad(diagnose(path, "agent")["agent"], State.PROBLEM, "does not answer")


def test_an_agent_that_makes_no_progress_is_named_G17(agent: AgentProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    found = diagnose(agent.config, "agent")
    fine(found["agent"])
    fine(found["agent.progress"])
    altered(agent.directory / "data" / FILE_NAME, "ALTER TABLE revision RENAME COLUMN live TO something_else")
    agent.send(sale())
    bad(diagnose(agent.config, "agent")["agent.progress"], State.PROBLEM, "refused")
    monkeypatch.setattr(local, "__version__", "0.0.0")
    bad(diagnose(agent.config, "agent")["agent"], State.WARNING, "restart")
    (agent.directory / "data" / "control.token").unlink()
    assert diagnose(agent.config, "agent")["agent.progress"].state is State.NOT_CHECKED


# The clock


def test_a_clock_of_1970_is_named_G14(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    fine(diagnose(configure(), "clock")["clock"])
    monkeypatch.setattr(SystemClock, "wall", lambda _: 10.0)
    bad(diagnose(configure(), "clock")["clock"], State.WARNING, "1970-01-01", "safe")


@pytest.mark.parametrize(("answer", "state"), [(0, State.OK), (5, State.WARNING)])
def test_a_clock_that_nothing_keeps_right_is_named(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, answer: int, state: State
) -> None:
    class Kernel:
        @staticmethod
        def adjtimex(_: object) -> int:
            return answer

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Kernel)
    assert diagnose(configure(), "clock")["clock.kept"].state is state


def test_the_clock_is_compared_with_the_platform_s_G14(
    configure: Configure, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configure(platform.url)
    fine(diagnose(path, "clock.platform")["clock.platform"])
    monkeypatch.setattr(SystemClock, "wall", lambda _: time.time() + 7_200)
    bad(diagnose(path, "clock.platform")["clock.platform"], State.WARNING, "ahead of the platform's", "safe")
    platform.stop()
    assert diagnose(path, "clock.platform")["clock.platform"].state is State.NOT_CHECKED


# The line


def test_a_proxy_is_named(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in network._PROXIES:
        monkeypatch.delenv(name, raising=False)
    fine(diagnose(configure(), "line")["proxy"])
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    bad(diagnose(configure(), "line")["proxy"], State.WARNING, "HTTPS_PROXY")


def test_a_name_that_is_not_found_is_told_apart(configure: Configure) -> None:
    found = diagnose(configure("https://no-such-host.invalid"), "line")
    bad(found["dns"], State.PROBLEM, "no-such-host.invalid")
    assert found["tcp"].state is found["tls"].state is State.NOT_CHECKED


def test_a_port_that_takes_no_connection_is_told_apart(configure: Configure) -> None:
    found = diagnose(configure(f"https://127.0.0.1:{free_port()}"), "line")
    fine(found["dns"])
    bad(found["tcp"], State.PROBLEM, "Connection refused")
    assert found["tls"].state is State.NOT_CHECKED


def test_a_line_that_is_not_encrypted_is_named(configure: Configure, platform: SandboxServer) -> None:
    fine(diagnose(configure(platform.url), "line")["tls"])
    found = diagnose(configure(platform.url.replace("http:", "https:")), "line")
    bad(found["tls"], State.PROBLEM, "No encrypted connection")


@asynccontextmanager
async def encrypted(folder: Path, days: int) -> AsyncIterator[tuple[str, Path]]:
    """Serve with a self-made certificate of so many days; gives address and certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {key} -out {certificate} "
        f"-days {days} -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(command.split(), check=True, capture_output=True)  # noqa: ASYNC221 - a moment
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            writer.write(b"HTTP/1.1 404 No\r\nDate: Thu, 01 Jan 2015 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}", certificate
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(("days", "trusted", "state"), [(90, False, "problem"), (3, True, "warning"), (90, True, "ok")])
async def test_a_certificate_that_is_refused_or_ends_soon_is_named(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: str, *, trusted: bool
) -> None:
    async with encrypted(tmp_path, days) as (url, certificate):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        found = await asyncio.to_thread(diagnose, configure(url), "line", "clock.platform")
    assert found["tls"].state == state, found["tls"]
    assert ("is refused" in found["tls"].words) == (not trusted)
    bad(found["clock.platform"], State.WARNING, "ahead of")  # told without trust: a wrong clock spoils it


@pytest.mark.parametrize(
    ("fault", "state", "words"),
    [
        ("captive", State.PROBLEM, "login page"),
        ("down", State.PROBLEM, "cannot be reached"),
        ("status:code=404", State.PROBLEM, "cloud.base_url"),
        ("status:code=429,retry_after=5", State.WARNING, "asks to wait"),
        ("status:code=500", State.WARNING, "error of its own"),
    ],
)
def test_a_platform_that_does_not_take_the_store_is_named(
    configure: Configure, platform: SandboxServer, fault: str, state: State, words: str
) -> None:
    path = configure(platform.url)
    fine(diagnose(path, "credentials")["credentials"])
    platform.set_faults([fault])
    bad(diagnose(path, "credentials")["credentials"], state, words)
    assert platform.account()["totals"]["transactions_accepted"] == 0


def test_printers_are_looked_at_without_printing(configure: Configure, tmp_path: Path) -> None:
    with FakePrinter() as ready, FakePrinter(status=OUT_OF_PAPER) as empty, FakePrinter(status=None) as silent:
        at = {
            name: {"kind": "network", "host": "127.0.0.1", "port": fake.port, "terminals": []}
            for name, fake in (("ready", ready), ("empty", empty), ("silent", silent))
        }
        at["lp"] = {"kind": "device", "path": str(tmp_path / "lp0"), "terminals": []}
        at["file"] = {"kind": "file", "path": str(tmp_path / "out")}
        at["page"] = {**at["file"], "terminals": [], "code_page": "KLINGON"}
        found = diagnose(configure(**{f"printers.{name}": keys for name, keys in at.items()}), "printers")
        assert ready.jobs == empty.jobs == silent.jobs == []
    fine(found["printer.ready"])
    assert found["printer.ready"].words == f"It is at 127.0.0.1:{ready.port}, ready and has paper."
    fine(found["printer.file"])
    fine(found["printer.silent"])
    assert "tells nothing of itself" in found["printer.silent"].words
    bad(found["printer.empty"], State.WARNING, "out of paper", "Sales are not affected", "printer test empty")
    bad(found["printer.lp"], State.WARNING, "plugged in")
    bad(found["printer.page"], State.WARNING, "code page KLINGON", "Sales are not affected", "printer test page")


def test_printers_that_cannot_be_made_out_are_not_looked_at(configure: Configure) -> None:
    found = diagnose(configure(**{"printers.bar": {"kind": "network"}}), "printers")
    assert found["printers"].state is State.NOT_CHECKED


@pytest.mark.parametrize("pinned", [True, False])
async def test_an_authority_that_is_pinned_counts_for_the_doctor_too(
    configure: Configure, tmp_path: Path, *, pinned: bool
) -> None:
    async with encrypted(tmp_path, 90) as (url, certificate):
        path = configure(url, cloud={"ca_file": str(certificate)} if pinned else {})
        found = await asyncio.to_thread(diagnose, path, "line")
        path = configure(url, cloud={"ca_file": str(tmp_path / "nothing")})
        bad((await asyncio.to_thread(diagnose, path, "configuration"))["secret"], State.PROBLEM, "cloud.ca_file")
    if pinned:
        fine(found["tls"])
    else:
        bad(found["tls"], State.PROBLEM, "authority that is not trusted here", "cloud.ca_file")


async def test_clock_and_certificate_are_looked_at_by_way_of_the_proxy(configure: Configure, tmp_path: Path) -> None:
    async with encrypted(tmp_path, 90) as (url, certificate), proxy_at_work() as proxy:
        proxies = {"url": f"http://localhost:{proxy.port}", "user": "store", "secret": SECRETS[1]}
        path = configure(url, cloud={"ca_file": str(certificate)}, **{"cloud.proxy": proxies})
        found = await asyncio.to_thread(diagnose, path, "line", "clock.platform")
    fine(found["tls"])
    assert "the certificate of localhost is good for" in found["tls"].words
    bad(found["clock.platform"], State.WARNING, "ahead of")
    assert len(proxy.heads) == 2
    assert all(base64.b64encode(f"store:{SECRETS[1]}".encode()).decode() in head for head in proxy.heads)


async def test_a_proxy_that_refuses_is_told_without_its_own_control_codes(configure: Configure) -> None:
    refusal = b"HTTP/1.1 407 \x1b[31mNo\r\nContent-Length: 0\r\n\r\n"
    async with proxy_at_work(refusal) as proxy:
        path = configure("https://localhost", **{"cloud.proxy": {"url": f"http://localhost:{proxy.port}"}})
        found = await asyncio.to_thread(diagnose, path, "line", "clock.platform")
    assert found["clock.platform"].state is found["tls"].state is State.NOT_CHECKED
    assert "407" in found["tls"].words
    assert "\x1b" not in found["tls"].words


@pytest.mark.parametrize(("days", "state"), [(3, State.WARNING), (90, State.OK)])
def test_a_certificate_of_the_agent_that_ends_soon_is_named(
    configure: Configure, tmp_path: Path, days: int, state: State
) -> None:
    until = datetime.now(UTC) + timedelta(days=days, hours=1)
    pair = Authority(tmp_path / "store").make("agent", until=f"{until:%Y%m%d%H%M%SZ}")
    path = configure(**{"api.tls": {"certificate_file": str(pair.certificate), "key_file": str(pair.key)}})
    found = diagnose(path, "configuration")["certificate"]
    assert found.state is state
    assert ("good for 3 more days" in found.words) == (state is State.WARNING)


def test_the_way_by_a_proxy_is_walked_to_the_proxy(configure: Configure) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        port = proxy.getsockname()[1]
        path = configure("https://no-such-host.invalid", **{"cloud.proxy": {"url": f"http://127.0.0.1:{port}"}})
        found = diagnose(path, "line")
    for name in ("proxy", "dns", "tcp"):
        fine(found[name])
    assert found["tls"].state is State.NOT_CHECKED
