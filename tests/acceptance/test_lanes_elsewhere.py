"""Several lanes on other machines share one agent over TLS; commands on its machine reach it as before (G15)."""

import json
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from store_agent.client import AgentClient, AgentProblem
from tests.support.agent import AgentProcess
from tests.support.certificates import Authority
from tests.support.encrypted import EncryptedAgent
from tests.support.sales import sale

EXPIRED = "20240101000000Z"

MakeEncrypted = Callable[..., EncryptedAgent]


@pytest.fixture
def make_encrypted(tmp_path: Path) -> Iterator[MakeEncrypted]:
    made: list[EncryptedAgent] = []

    def make(until: str = "20490101000000Z", **api: Any) -> EncryptedAgent:
        (tmp_path / "agent").mkdir()
        authority = Authority(tmp_path / "store")
        made.append(EncryptedAgent(tmp_path / "agent", authority, authority.make("agent", until=until), **api))
        return made[-1]

    yield make
    for agent in made:
        agent.close()


def shown(agent: AgentProcess, trust: ssl.SSLContext) -> int:
    """Shake hands anew; gives the serial number of the certificate that the agent shows."""
    plain = socket.create_connection(("127.0.0.1", agent.port), timeout=10)
    with plain, trust.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted:
        certificate: Any = encrypted.getpeercert()
        return int(certificate["serialNumber"], 16)


def test_lanes_share_an_agent_and_commands_reach_it_G15(make_encrypted: MakeEncrypted) -> None:
    agent = make_encrypted(socket="managers.sock").start()
    for number in (1, 2):
        name = f"lane-{number}"
        token = agent.token if number == 1 else agent.cli_json("terminal", "add", name)["token"]
        with agent.client_of(name, token) as lane:
            body = {"request_payload": sale(f"T-{number}")}
            assert lane.post("/api/2.0/send_transaction", json=body).status_code == 200
    assert agent.cli_json("status")["outbox"]["accepted"] == 2
    found = {one["name"]: one["words"] for one in json.loads(agent.cli("doctor", "--json").stdout)["findings"]}
    assert found["agent"] == f"It answers on port {agent.port} on 0.0.0.0."
    assert found["certificate"] == f"The certificate {agent.pair.certificate} can be used."
    over = httpx.HTTPTransport(uds=str(agent.directory / "data" / "managers.sock"))
    with httpx.Client(transport=over, base_url="http://127.0.0.1") as manager:
        assert manager.get("/v1/me").json()["payload"]["over"] == "socket"


def test_the_plugin_s_client_sells_over_tls(make_encrypted: MakeEncrypted, tmp_path: Path) -> None:
    agent = make_encrypted().start()
    trust = agent.authority.trust()
    with AgentClient(agent.url, "lane-1", agent.token, kept_in=tmp_path / "kept", trust=trust) as till:
        till.keep({"transaction_id": "T-1", "subtotal": 10})
        assert till.flush().of("T-1") is not None
    with AgentClient(agent.url, "lane-1", agent.token) as trusting_others, pytest.raises(AgentProblem):
        trusting_others.status()


def test_nothing_is_said_without_tls_or_by_an_old_one_G15(make_encrypted: MakeEncrypted) -> None:
    agent = make_encrypted().start()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{agent.port}/healthz", trust_env=False)
    old = agent.authority.trust()
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that they are old is the point
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        shown(agent, old)
    assert shown(agent, agent.authority.trust())


def test_a_renewed_certificate_is_taken_over_by_a_reload_and_nobody_notices(make_encrypted: MakeEncrypted) -> None:
    agent = make_encrypted().start()
    trust = agent.authority.trust()
    before = shown(agent, trust)
    assert agent.send(sale("T-1")).status_code == 200
    agent.pair.replace(agent.authority.make("agent"))
    assert shown(agent, trust) == before
    agent.reload()
    agent.wait_for_log("configuration.reloaded")
    assert shown(agent, trust) != before
    assert agent.send(sale("T-2")).status_code == 200, "over the connection that was open"
    assert agent.cli_json("status")["outbox"]["accepted"] == 2


@pytest.mark.parametrize("until", [EXPIRED, ""])
def test_a_renewal_that_cannot_be_used_changes_nothing(make_encrypted: MakeEncrypted, until: str) -> None:
    agent = make_encrypted().start()
    trust = agent.authority.trust()
    before = shown(agent, trust)
    if until:
        agent.pair.replace(agent.authority.make("agent", until=until))
    else:
        agent.pair.key.write_bytes(agent.authority.make("agent").key.read_bytes())
    agent.reload()
    agent.wait_for_log("configuration.refused")
    assert shown(agent, trust) == before


def test_a_certificate_is_not_taken_over_with_a_configuration_that_cannot_be_used(
    make_encrypted: MakeEncrypted, tmp_path: Path
) -> None:
    agent = make_encrypted().start()
    trust = agent.authority.trust()
    before = shown(agent, trust)
    agent.pair.replace(agent.authority.make("agent"))
    text = agent.config.read_text()
    agent.config.write_text(text.replace('secret = "sandbox-secret"', f'secret_file = "{tmp_path}/nowhere"'))
    agent.reload()
    agent.wait_for_log("configuration.refused")
    assert shown(agent, trust) == before


def test_a_certificate_that_cannot_be_used_is_told_at_the_start(make_encrypted: MakeEncrypted) -> None:
    agent = make_encrypted()
    agent.pair.key.write_bytes(agent.authority.make("other").key.read_bytes())
    for command in ("run", "check-config"):
        done = agent.cli(command)
        assert done.returncode == 78
        assert "api.tls.key_file" in done.stderr
        assert "does not belong to the certificate" in done.stderr


def test_an_expired_certificate_is_told_and_used_since_the_clock_may_be_wrong_G14(
    make_encrypted: MakeEncrypted,
) -> None:
    agent = make_encrypted(until=EXPIRED)
    checked = agent.cli("check-config")
    assert checked.returncode == 78
    assert "certificate has expired. Renew it" in checked.stderr
    agent.authority.any_time = 0x200000
    agent.start()
    agent.wait_for_log("certificate.refused")
    assert agent.send(sale("T-1")).status_code == 200
    agent.reload()
    agent.wait_for_log("configuration.reloaded")  # nor does it keep new credentials out
    assert agent.cli_json("status")["outbox"]["accepted"] == 1


def test_other_addresses_are_refused_without_a_certificate_G15(make_encrypted: MakeEncrypted) -> None:
    agent = make_encrypted()
    text = agent.config.read_text()
    agent.config.write_text(text[: text.index("[api.tls]")])
    done = agent.cli("run")
    assert done.returncode == 78
    assert "api.host: must be an address of this machine itself" in done.stderr
    assert "set [api.tls] with certificate_file and key_file" in done.stderr
