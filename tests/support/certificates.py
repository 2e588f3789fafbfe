"""A certificate authority of a store, made with openssl in a moment."""

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

_CONFIG = """
[ca]
default_ca = store
[store]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copy
unique_subject = no
[names]
commonName = supplied
"""
KEY = "ec -pkeyopt ec_paramgen_curve:P-256"


class Pair(NamedTuple):
    """The files of a certificate and its key."""

    certificate: Path
    key: Path

    def replace(self, other: "Pair") -> None:
        """Become another pair, as a renewal does."""
        self.certificate.write_bytes(other.certificate.read_bytes())
        self.key.write_bytes(other.key.read_bytes())


class Authority:
    """Vouches for what it makes; `file` is its own certificate.

    `any_time` is for tills whose clocks say another time (X509_V_FLAG_NO_CHECK_TIME).
    """

    any_time = 0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._openssl = shutil.which("openssl") or pytest.skip("openssl makes the certificates of this test")
        folder.mkdir()
        (folder / "index.txt").touch()
        (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder))
        self.file = folder / "ca.pem"
        self._run(f"req -x509 -newkey {KEY} -nodes -keyout {folder}/ca.key -out {self.file} -days 30 -subj /CN=Store")

    def make(self, name: str, *, until: str = "20490101000000Z", password: str = "", kind: str = KEY) -> Pair:
        """Make a certificate for a name (and for 127.0.0.1), good from 2020 on."""
        stem = f"{self._folder}/{len(list(self._folder.iterdir()))}-{name}"
        pair = Pair(Path(f"{stem}.pem"), Path(f"{stem}.key"))
        secret = f"-passout pass:{password}" if password else "-nodes"
        request = f"{stem}.csr"
        names = f"subjectAltName=DNS:{name},IP:127.0.0.1"
        self._run(f"req -newkey {kind} {secret} -keyout {pair.key} -out {request} -subj /CN={name} -addext {names}")
        self._run(
            f"ca -batch -config {self._folder}/ca.cnf -cert {self.file} -keyfile {self._folder}/ca.key -notext"
            f" -in {request} -out {pair.certificate} -startdate 20200101000000Z -enddate {until}"
        )
        return pair

    def trust(self, own: Pair | None = None) -> ssl.SSLContext:
        """Make what a till trusts the agent by, with a certificate of its own if it has one."""
        context = ssl.create_default_context(cafile=self.file)
        context.verify_flags |= self.any_time
        if own is not None:
            context.load_cert_chain(own.certificate, own.key)
        return context

    def _run(self, arguments: str) -> None:
        subprocess.run([self._openssl, *arguments.split()], check=True, capture_output=True)
