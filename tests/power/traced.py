"""The real agent under strace, which kills it at a system call or lets the call fail."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store_agent.storage.database import FILE_NAME
from tests.support.agent import COMMAND, AgentProcess

SYNCS = "fsync,fdatasync"

ATTACH_SECONDS_MAX = 20.0
END_SECONDS_MAX = 20.0

_ATTACHING = Path("/proc/sys/kernel/yama/ptrace_scope")
_FAILED = "(INJECTED)"
_KILLED = "killed by SIGKILL"
_SYNC = re.compile(r"^(\d+) +f(?:data)?sync\(", re.MULTILINE)


def why_not_traced() -> str:
    """Say why strace cannot be used here; empty if it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    if os.geteuid() != 0 and _ATTACHING.exists() and _ATTACHING.read_text().strip() != "0":
        return f"only root may attach to processes here ({_ATTACHING})"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace processes here ({tried.stderr.strip()})"


needs_strace = pytest.mark.skipif(bool(why_not_traced()), reason=why_not_traced() or "strace works")


class TracedAgent:
    """An agent that starts again and again from the same data, each time with another fault.

    An injection is strace's, such as `fsync,fdatasync:signal=KILL:when=3`; strace counts the calls of each thread.
    `files` limit it to calls on these. (With --seccomp-bpf strace 6.1 is faster and counts no further than one.)
    """

    def __init__(self, agent: AgentProcess, command: tuple[str, ...] = COMMAND) -> None:
        self.agent = agent
        self.data = agent.directory / "data"
        self.log_file = self.data / f"{FILE_NAME}-wal"
        self._command = command
        self._template = agent.directory / "template"
        self._trace = agent.directory / "trace"
        self.take_as_template()

    def take_as_template(self) -> None:
        """Begin all further lives from the data as they are now."""
        shutil.rmtree(self._template, ignore_errors=True)
        shutil.copytree(self.data, self._template)

    def start(self) -> None:
        """Start from the template."""
        self._begin()
        self.agent.start()

    def start_with(self, injection: str) -> bool:
        """Start from the template with a fault from the first instruction on; tells whether the agent serves."""
        self._begin()
        self.agent._command = (*self._strace(injection), *self._command)
        try:
            self.agent.start()
        except AssertionError:
            if self.killed():
                return False
            raise
        return True

    def start_whole(self) -> None:
        """End this life and start the real agent on what it left."""
        self._end()
        self.agent._command = COMMAND
        self.agent.start()

    @contextmanager
    def fault(self, injection: str, files: tuple[Path, ...] = ()) -> Iterator[None]:
        """Inject a fault into the running agent for as long as the context lasts."""
        assert self.agent._process is not None
        said = self._trace.with_suffix(".said")
        with said.open("w") as errors:
            command = [*self._strace(injection, files), "-p", str(self.agent._process.pid)]
            strace = subprocess.Popen(command, stderr=errors)
        try:
            _wait_for(said, "attached")
            yield
        finally:
            strace.terminate()
            strace.wait(END_SECONDS_MAX)

    def wait_for_end(self) -> None:
        """Wait until the fault has ended the agent."""
        assert self.agent._process is not None
        self.agent._process.wait(END_SECONDS_MAX)

    def killed(self) -> bool:
        """Tell whether the fault killed the agent."""
        return _KILLED in self._trace.read_text()

    def failed_calls(self) -> int:
        """Count the calls that this fault made fail so far."""
        return self._trace.read_text().count(_FAILED)

    def syncs(self) -> dict[str, int]:
        """Count the syncs under this fault by thread."""
        threads = _SYNC.findall(self._trace.read_text())
        return {thread: threads.count(thread) for thread in sorted(set(threads))}

    def _strace(self, injection: str, files: tuple[Path, ...] = ()) -> tuple[str, ...]:
        calls = injection.partition(":")[0]
        paths = [word for path in files for word in ("-P", str(path))]
        faults = ("-e", f"trace={calls}", "-e", f"inject={injection}")
        return ("strace", "-f", "-o", str(self._trace), *paths, *faults)

    def _begin(self) -> None:
        self._end()
        shutil.rmtree(self.data)
        shutil.copytree(self._template, self.data)
        self._trace.unlink(missing_ok=True)
        self.agent._command = self._command

    def _end(self) -> None:
        """End this life, and with it the connection that the client keeps to it."""
        self.agent.kill()
        self.agent.client.close()
        self.agent.client = self.agent.client_of("lane-1", self.agent.token)


def _wait_for(file: Path, text: str) -> None:
    end = time.monotonic() + ATTACH_SECONDS_MAX
    while text not in file.read_text():
        assert time.monotonic() < end, file.read_text()
        os.sched_yield()
