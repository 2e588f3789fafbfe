"""A real agent that several machines share: it listens everywhere, and speaks TLS."""

from pathlib import Path
from typing import Any

import httpx

from tests.support.agent import COMMAND, AgentProcess
from tests.support.certificates import Authority, Pair


class EncryptedAgent(AgentProcess):
    """`pair` is its certificate, `authority` what its tills trust."""

    def __init__(self, directory: Path, authority: Authority, pair: Pair, **api: Any) -> None:
        self.authority = authority
        self.pair = pair
        tables = {
            "api": {"host": "0.0.0.0", **api},  # noqa: S104 - what is tested
            "api.tls": {"certificate_file": str(pair.certificate), "key_file": str(pair.key)},
        }
        super().__init__(directory, "http://127.0.0.1:9", COMMAND, **tables)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def client_of(self, name: str, token: str) -> httpx.Client:
        trust = self.authority.trust()
        return httpx.Client(base_url=self.url, auth=(name, token), timeout=20.0, trust_env=False, verify=trust)
