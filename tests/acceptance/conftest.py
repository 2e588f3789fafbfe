"""A resolver that hangs, for the tests of whatever looks up names."""

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def slow_dns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let look-ups of names that contain "hangs" never end."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("a C compiler makes the resolver of this test")
    library = tmp_path / "slow_dns.so"
    source = Path(__file__).parents[1] / "support" / "slow_dns.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
