"""What a machine is made of: the tools that must be here, a Debian, and packages."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "machine"

SUITE = "bookworm"
MIRROR = os.environ.get("DEBIAN_MIRROR")
"""Where Debian is fetched from, if not from where debootstrap does it by itself."""

PARTS = "ca-certificates,dbus,libstdc++6,python3,systemd,systemd-sysv,tzdata,zlib1g"
"""What the package depends on, since the machine reaches no mirror; and what makes a machine."""

TOOLS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "mkfs.ext4": "e2fsprogs",
    "lintian": "lintian",
}
"""Each with the Debian package that it is in."""

_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET, unshare(2)."""


class NotHere(Exception):
    """This machine cannot do that; says what is missing."""


def demand_tools() -> None:
    """Raise NotHere unless all is here that the test needs."""
    if os.geteuid() != 0:
        raise NotHere("only root can boot a machine")
    if missing := {package for tool, package in TOOLS.items() if shutil.which(tool) is None}:
        raise NotHere(f"Debian packages are missing; install them with: apt-get install {' '.join(sorted(missing))}")


def debian() -> Path:
    """Give the directory with a Debian, which is made once and kept."""
    base, unfinished = BUILD / SUITE, BUILD / f"{SUITE}.unfinished"
    if not base.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        run(
            "debootstrap",
            "--variant=minbase",
            f"--include={PARTS}",
            SUITE,
            str(unfinished),
            *([MIRROR] if MIRROR else []),
        )
        unfinished.rename(base)
    return base


def package(version: str) -> Path:
    """Give the package of a version."""
    architecture = run("dpkg", "--print-architecture").strip()
    path = ROOT / "dist" / f"store-agent_{version}_{architecture}.deb"
    if not path.exists():
        raise NotHere(f"{path} is not there; make it with: make deb VERSION={version}")
    return path


def leave_the_network() -> None:
    """Let this process, and whatever it starts, have a network of its own in which only loopback is up."""
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK) != 0:
        raise NotHere(f"a network of its own cannot be made: {os.strerror(ctypes.get_errno())}")
    run("ip", "link", "set", "lo", "up")


def run(*command: str) -> str:
    """Run a tool of this machine and give what it says. Raises NotHere."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotHere(f"{command[0]} does not work here: {(done.stderr or done.stdout)[-2_000:].strip()}")
    return done.stdout
