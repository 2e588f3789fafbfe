"""What a store's machine goes through, from the first installation to the last trace: each step says what was seen."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.machine.machine import Machine
from tests.machine.till import Selling, Till
from tests.support.fake_printer import FakePrinter

CONFIG = "/etc/store-agent/config.toml"
KEY = "/var/lib/store-agent/storage.key"
SOCKET = "/run/store-agent/managers.sock"
ASIDE = "/srv"
OVERRIDE = "/run/systemd/system/store-agent.service.d"
CREDENTIALS = "/etc/credstore.encrypted/store-agent"
EXPOSURE_MAX = 1.5
AS_AGENT = "runuser -u store-agent -- store-agent"
SET_SECRET = f"printf sandbox-secret | systemd-creds encrypt --name=cloud_secret - {CREDENTIALS}.cloud_secret"

CONFIGURE = f"""
sed -i -e 's|^# first_contact_spread_seconds = .*|first_contact_spread_seconds = 1.0|' \\
    -e 's|^# backoff_cap_seconds = .*|backoff_cap_seconds = 2.0|' {CONFIG}
printf '[printers.counter]\\nkind = "network"\\nhost = "127.0.0.1"\\nport = PRINTER\\n' >> {CONFIG}
store-agent init --store-id 1234x --client-id retailer-1 --base-url PLATFORM --key sandbox-key --secret-file - \\
    --receipts-url https://rewards.example.com/r --systemd-creds --json
sync
"""

ASK = f"""
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("{SOCKET}")
s.sendall(b"GET /v1/me HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
print(s.recv(65536).decode().split("\\r\\n")[0])
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table: its name, what is done, and how; `go` tells what was seen, and fails by an AssertionError."""

    name: str
    done: str
    go: Callable[[], str]


class Story:
    """The steps, on one machine. `older` and `newer` are packages in /shared, with their versions."""

    def __init__(self, machine: Machine, till: Till, printer: FakePrinter, older: Path, newer: Path) -> None:
        self._machine = machine
        self._till = till
        self._printer = printer
        self._packages = {"older": older, "newer": newer}
        self._kept = ""

    def steps(self) -> Iterator[Step]:
        """Give them in their order; each needs those before it."""
        yield Step("install", "dpkg -i", self._install)
        yield Step("unconfigured", "left as it is", self._unconfigured)
        yield Step("configure", "settings, store-agent init with flags, an encrypted credential", self._configure)
        yield Step("again", "store-agent init, once more", self._configure_again)
        yield Step("sell", "20 sales over localhost", self._sell)
        yield Step("print", "a receipt, on a network printer", self._print)
        yield Step("managers", "the socket, as a member of store-managers and as a stranger", self._managers)
        yield Step("reload", "systemctl reload, first with a wrong configuration", self._reload)
        yield Step("key", "the storage key as an encrypted credential, away from the data", self._key)
        yield Step("credential", "the platform's secret by LoadCredential=, from another place", self._plain)
        yield Step("exposure", "systemd-analyze security, verify", self._exposure)
        yield Step("kill", "kill -9 with 10 sales waiting", self._kill)
        yield Step("hang", "SIGSTOP, until the watchdog acts", self._hang)
        yield Step("power cut", "disk and machine off while the till sells without a line", self._power_cut)
        yield Step("upgrade", "dpkg -i of the newer with 10 sales waiting, while selling", self._upgrade)
        yield Step("downgrade", "dpkg -i of the older with 10 sales waiting, while selling", self._downgrade)
        yield Step("full disk", "no room in /var/lib/store-agent, restart with 10 sales waiting", self._full_disk)
        yield Step("read-only disk", "/var/lib/store-agent read-only, restart", self._read_only)
        yield Step("remove", "apt-get remove with 10 sales waiting, then installed again", self._remove)
        yield Step("move", "packed, purged, installed and unpacked with 10 sales waiting", self._move)
        yield Step("restore", "all data lost but the key and a backup in which 10 sales wait", self._restore)
        yield Step("log", "store-agent log", self._log)
        yield Step("purge", "apt-get purge", self._purge)

    def last_words(self) -> str:
        """Give what the journal says of the unit."""
        return self._machine.run("journalctl", "--no-pager", "--lines=60", "--unit=store-agent").stdout

    def _install(self) -> str:
        said = self._dpkg("older")
        assert "is missing" in said, said
        assert self._machine.sh(f"stat -c '%a %U %G' /var/lib/store-agent {KEY} {CONFIG} /run/store-agent") == (
            "700 store-agent store-agent\n600 store-agent store-agent\n640 root store-agent\n"
            "750 store-agent store-managers"
        )
        assert self._machine.sh("systemctl is-enabled store-agent") == "enabled"
        self._kept = self._machine.sh(f"cat {KEY}")
        assert len(self._kept) == 64
        return "user, directories, key and configuration made; enabled; dpkg is content"

    def _unconfigured(self) -> str:
        assert self._machine.property("ActiveState") == "failed"
        assert self._machine.property("ExecMainStatus") == "78"
        assert self._machine.property("NRestarts") == "0"
        words = self._machine.property("StatusText")
        assert "store.store_id: is missing" in words, words
        assert words[:60] in self._machine.run("systemctl", "status", "store-agent").stdout
        return f"rests with exit code 78, not started again; status: {words[:90]}..."

    def _configure(self) -> str:
        port = str(self._printer.port)
        script = CONFIGURE.replace("PLATFORM", self._till.platform.url).replace("PRINTER", port)
        found = json.loads(self._machine.sh(script, given="sandbox-secret"))
        assert (found["test"]["result"], found["service"]) == ("works", "restarted"), found
        self._till.use(found["terminal"]["password"])
        self._wait_for_status("ready, 0 waiting")
        assert self._machine.sh(f"cat {KEY}") == self._kept, "the key is still that of the installation"
        assert "sandbox-secret" not in self._machine.sh(f"cat {CONFIG}")
        assert self._machine.sh(f"stat -c '%a %U %G' {CONFIG}") == "640 root store-agent"
        assert not self._machine.sh("find /var/lib/store-agent ! -user store-agent")
        return "credentials tried, the service started, lane-1 let in; status: ready, 0 waiting"

    def _configure_again(self) -> str:
        found = json.loads(self._machine.sh("store-agent init --json"))
        assert not found["written"], found
        assert (found["test"]["result"], found["service"]) == ("works", "runs"), found
        listed = self._machine.sh("runuser -u store-agent -- store-agent terminal list --json")
        assert [one["name"] for one in json.loads(listed)["terminals"]] == ["lane-1"]
        return "nothing is changed"

    def _sell(self) -> str:
        self._till.sell(20)
        seen = self._till.balance()
        self._wait_for_status("online, 0 waiting")
        return f"{seen}; status: online, 0 waiting"

    def _print(self) -> str:
        (answer,) = self._till.sell()
        code = answer.json()["payload"]["receipts"][0]["code"]
        printed = self._till.post(f"/v1/receipts/{code}/print").json()["payload"]
        assert printed["state"] == "printed", printed
        self._printer.wait_for_jobs(1)
        return f"printed ({len(self._printer.jobs[0])} bytes of ESC/POS)"

    def _managers(self) -> str:
        self._machine.sh("useradd anna -G store-managers; useradd bob")
        ask = f"/usr/bin/python3 -c '{ASK}'"
        assert "200" in self._machine.sh(f"runuser -u anna -- {ask}")
        refused = self._machine.run("sh", "-c", f"runuser -u bob -- {ask}")
        assert "PermissionError" in refused.stderr, refused.stderr
        return "the member comes in without a token, the stranger does not reach it"

    def _reload(self) -> str:
        self._machine.sh(f"cp -p {CONFIG} {ASIDE}/; echo 'nonsense = 1' >> {CONFIG}")
        refused = self._machine.run("systemctl", "reload", "store-agent")
        self._machine.sh(f"cp -p {ASIDE}/config.toml {CONFIG}; systemctl reload store-agent")
        assert refused.returncode != 0
        self._till.sell()
        words = "printers.counter.nonsense: is not a known key"
        assert words in self._machine.sh("journalctl --no-pager -u store-agent")
        return f"refused ({words}), then taken over; {self._till.balance()}"

    def _key(self) -> str:
        credential = f"{CREDENTIALS}.storage_key"
        self._machine.sh(
            f"systemd-creds encrypt --name=storage_key {KEY} {credential}; mv {KEY} {ASIDE}/; "
            "systemctl restart store-agent"
        )
        self._till.until_ready()
        self._till.sell()
        seen = self._till.balance()
        self._machine.sh(f"mv {ASIDE}/storage.key {KEY}; rm {credential}; systemctl restart store-agent; sync")
        self._till.until_ready()
        return f"starts, and sells as before; {seen}"

    def _plain(self) -> str:
        credential = f"{CREDENTIALS}.cloud_secret"
        self._machine.sh(
            f"mv {credential} {ASIDE}/; printf sandbox-secret > {ASIDE}/secret; mkdir -p {OVERRIDE}; "
            f"printf '[Service]\\nLoadCredential=cloud_secret:{ASIDE}/secret\\n' > {OVERRIDE}/plain.conf; "
            "systemctl daemon-reload; systemctl restart store-agent"
        )
        self._till.until_ready()
        self._till.sell()
        seen = self._till.balance()
        self._machine.sh(
            f"rm -r {OVERRIDE} {ASIDE}/secret; mv {ASIDE}/store-agent.cloud_secret {credential}; "
            "systemctl daemon-reload; systemctl restart store-agent; sync"
        )
        self._till.until_ready()
        return f"starts, and sends as before; {seen}"

    def _exposure(self) -> str:
        said = self._machine.sh("systemd-analyze security --no-pager store-agent.service")
        exposure = float(re.search(r"Overall exposure level for \S+ ([\d.]+)", said)[1])  # type: ignore[index]
        assert exposure <= EXPOSURE_MAX, said
        unit = "/lib/systemd/system/store-agent.service"
        verified = self._machine.run("systemd-analyze", "verify", "--man=no", unit)
        words = [line for line in verified.stderr.splitlines() if "store-agent" in line]
        assert verified.returncode == 0, verified.stderr
        assert not words, words
        return f"exposure {exposure}; verify has nothing to say"

    def _kill(self) -> str:
        self._sell_without_line(10)
        self._machine.sh("systemctl kill --signal=KILL store-agent")
        took = self._till.until_ready()
        assert self._till.waiting() == 10
        self._till.platform.start()
        return f"ready again after {took:.1f} s, 10 wait; {self._till.balance()}"

    def _hang(self) -> str:
        before = self._restarts()
        self._machine.sh(f"kill -STOP {self._machine.property('MainPID')}")
        took = self._machine.until(lambda: self._restarts() > before, "the watchdog does not act", within=120.0)
        self._till.until_ready()
        assert "Watchdog timeout" in self._machine.sh("journalctl --no-pager -u store-agent")
        self._till.sell()
        return f"started anew after {took:.0f} s; {self._till.balance()}"

    def _power_cut(self) -> str:
        self._sell_without_line(10)
        with Selling(self._till):
            self._till.sell(10)
            self._machine.cut_power()
            self._machine.boot()
            self._till.until_ready()
        waited = self._till.waiting()
        assert waited >= 20
        self._till.platform.start()
        return f"starts by itself, {waited} wait; {self._till.balance()}"

    def _upgrade(self) -> str:
        return self._change("newer")

    def _downgrade(self) -> str:
        return self._change("older")

    def _change(self, name: str) -> str:
        """Install another version over the present one while the till sells and the line is down."""
        self._sell_without_line(10)
        marked = self._machine.sh(f"echo '# by the store' >> {CONFIG}; sha256sum {CONFIG} {KEY}")
        with Selling(self._till) as selling:
            self._dpkg(name)
            self._till.until_ready()
        version = self._till.get("/healthz").json()["payload"]["version"]
        assert version == self._version(name), version
        assert self._machine.sh(f"sha256sum {CONFIG} {KEY}") == marked, "configuration and key stay"
        waited = self._till.waiting()
        assert waited >= 10
        self._till.platform.start()
        return f"{version} runs, {waited} wait, longest a till waited {selling.gap:.1f} s; {self._till.balance()}"

    def _full_disk(self) -> str:
        data, aside = "/var/lib/store-agent", "/var/tmp/store-agent"  # noqa: S108 - on the machine
        self._sell_without_line(10)
        self._machine.sh(
            f"systemctl stop store-agent; cp -a {data} {aside}; "
            f"mount -t tmpfs -o size=64m,mode=700,uid=$(id -u store-agent),gid=$(id -g store-agent) none {data}; "
            f"cp -a {aside}/. {data}; dd if=/dev/zero of={data}/filler bs=1k 2>/dev/null || true; "
            "systemctl start store-agent"
        )
        self._till.until_ready()
        assert self._till.offer().status_code == 507
        self._till.platform.start()
        seen = self._till.balance()
        words = self._wait_for_status("online, 0 waiting")
        self._machine.sh(
            f"systemctl stop store-agent; rm -r {aside} {data}/filler; cp -a {data} {aside}; umount {data}; "
            f"cp -a {aside}/. {data}; systemctl start store-agent"
        )
        self._till.until_ready()
        return f"starts, refuses sales (507), sends what waits: {seen}; status: {words}"

    def _read_only(self) -> str:
        self._machine.sh(
            f"mkdir -p {OVERRIDE}; printf '[Service]\\nReadOnlyPaths=/var/lib/store-agent\\n' > {OVERRIDE}/ro.conf; "
            "systemctl daemon-reload; systemctl restart --no-block store-agent"
        )
        words = self._wait_for_status("cannot be written", within=20.0)
        self._machine.sh(f"rm -r {OVERRIDE}; systemctl daemon-reload; systemctl restart store-agent")
        self._till.until_ready()
        return f"tried again each second; status: {words[:100]}..."

    def _remove(self) -> str:
        self._sell_without_line(10)
        self._machine.sh("apt-get remove -y store-agent")
        assert not self._till.answers()
        left = self._machine.sh(f"ls {CONFIG} {KEY} /var/lib/store-agent/*.db")
        self._dpkg("newer")
        self._till.until_ready()
        assert self._till.waiting() == 10, left
        self._till.platform.start()
        return f"configuration, key and data stay; installed again, 10 wait; {self._till.balance()}"

    def _move(self) -> str:
        """As the operator guide says, to a machine that is as good as another one; its credentials are made anew."""
        self._sell_without_line(10)
        self._machine.sh(
            "systemctl disable --now store-agent; "
            f"tar -C / -czpf {ASIDE}/store.tar.gz etc/store-agent var/lib/store-agent; apt-get purge -y store-agent"
        )
        self._dpkg("newer")
        self._machine.sh(
            f"systemctl stop store-agent; rm -r /var/lib/store-agent; tar -C / -xzpf {ASIDE}/store.tar.gz; "
            f"{SET_SECRET}; systemctl restart store-agent"
        )
        self._till.until_ready()
        assert self._till.waiting() == 10
        self._till.platform.start()
        return f"10 wait; {self._till.balance()}"

    def _restore(self) -> str:
        """As the operator guide says; what waited is held, since it may have been delivered after the backup."""
        self._sell_without_line(10)
        backup = "/var/tmp/now.db"  # noqa: S108 - on the machine
        self._machine.sh(
            f"{AS_AGENT} backup --to {backup}; mv {backup} {ASIDE}/backup; cp {KEY} {ASIDE}/key; "
            "systemctl stop store-agent; find /var/lib/store-agent -mindepth 1 -delete; "
            f"install -o store-agent -g store-agent -m 600 {ASIDE}/key {KEY}; "
            f"install -o store-agent -g store-agent -m 600 {ASIDE}/backup /var/lib/store-agent/from.db; "
            f"{AS_AGENT} restore --yes /var/lib/store-agent/from.db; systemctl start store-agent"
        )
        self._till.until_ready()
        held = json.loads(self._machine.sh(f"{AS_AGENT} outbox list --state held --json"))["revisions"]
        assert 8 <= len(held) <= 10, held  # what was tried goes again by itself, as the same request
        self._machine.sh(f"{AS_AGENT} outbox release --all --reason 'not at the platform'")
        self._till.platform.start()
        return f"{len(held)} are held, then released; {self._till.balance()}"

    def _log(self) -> str:
        said = self._machine.sh("store-agent log --lines 1000").splitlines()
        assert any("The line is down" in line or "cannot be reached" in line for line in said), said
        warnings = self._machine.sh("journalctl --no-pager --output=cat --priority=warning -u store-agent").splitlines()
        assert 0 < len(warnings) < len(said)
        return f"{len(said)} lines, of which the journal knows {len(warnings)} as warnings; the last: {said[-1][:90]}"

    def _purge(self) -> str:
        self._machine.sh("apt-get purge -y store-agent")
        places = "/etc/store-agent /var/lib/store-agent /run/store-agent /usr/lib/store-agent /usr/bin/store-agent"
        left = self._machine.sh(f"ls -d {places} {CREDENTIALS}.* 2>/dev/null || true")
        assert not left, left
        assert not self._machine.run("systemctl", "cat", "store-agent").stdout
        return "nothing is left but the user"

    def _dpkg(self, name: str) -> str:
        return self._machine.sh(f"dpkg -i /shared/{self._packages[name].name} </dev/null 2>&1")

    def _version(self, name: str) -> str:
        return self._packages[name].name.split("_")[1]

    def _sell_without_line(self, number: int) -> None:
        self._till.balance()
        self._till.platform.stop()
        self._till.sell(number)

    def _wait_for_status(self, words: str, within: float = 30.0) -> str:
        def said() -> bool:
            return words in self._machine.property("StatusText")

        self._machine.until(said, f"the status line does not say {words}", within)
        return self._machine.property("StatusText")

    def _restarts(self) -> int:
        return int(self._machine.property("NRestarts"))
