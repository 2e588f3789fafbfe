"""An authority that vouches for made-up servers, by the openssl command."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

VALID = ("20200101000000Z", "20991231000000Z")
FUTURE = ("20900101000000Z", "20991231000000Z")
PAST = ("20200101000000Z", "20200201000000Z")

_CONFIGURATION = """
[ca]
default_ca = d
[d]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = p
copy_extensions = copy
[p]
commonName = supplied
"""
_NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"


class Authority:
    """Has a certificate of its own (`file`) and makes those of servers."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder / name
        self._folder.mkdir()
        (self._folder / "index.txt").touch()
        self._configuration = self._folder / "ca.cnf"
        self._configuration.write_text(_CONFIGURATION.format(folder=self._folder))
        self._key, self.file = self._folder / "ca.key", self._folder / "ca.pem"
        _openssl(f"req -x509 {_NEW_KEY} -keyout {self._key} -out {self.file} -days 30 -subj /CN={name}")

    def serve(self, host: str = "localhost", valid: tuple[str, str] = VALID) -> ssl.SSLContext:
        """Make what a server needs to be `host`."""
        key, asked, made = (self._folder / f"{host}.{kind}" for kind in ("key", "csr", "pem"))
        _openssl(f"req {_NEW_KEY} -keyout {key} -out {asked} -subj /CN={host} -addext subjectAltName=DNS:{host}")
        _openssl(
            f"ca -batch -notext -config {self._configuration} -cert {self.file} -keyfile {self._key} "
            f"-startdate {valid[0]} -enddate {valid[1]} -in {asked} -out {made}"
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made, key)
        return context


def _openssl(arguments: str) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificates of this test")
    subprocess.run([openssl, *arguments.split()], check=True, capture_output=True)
