"""The agent's certificate works, or one message names file, key and cure; those of tills name their terminals (G15)."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from store_agent.api.callers import Callers
from store_agent.api.handshakes import Handshakes
from store_agent.api.limits import Limits
from store_agent.api.server import listen, make_connections, make_server
from store_agent.api.tls import TlsFiles, expiry, make_context, make_trust
from store_agent.errors import ConfigurationError
from tests.support.certificates import Authority, Pair
from tests.support.served import Served

EXPIRED = "20240101000000Z"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "store")


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.make("agent.store.example")


def test_a_good_certificate_is_taken_and_speaks_tls_1_2_or_later(pair: Pair) -> None:
    context = make_context(TlsFiles(*pair))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert expiry(TlsFiles(*pair)) == ""


def why(certificate: Path, key: Path, client_ca: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as refused:
        make_context(TlsFiles(certificate, key, client_ca))
    return str(refused.value)


def test_what_cannot_be_read_is_named_with_its_key_and_cure(pair: Pair, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.pem"
    words = "cannot be read (No such file or directory). Correct the path; the agent's user must be able to read it."
    assert why(nowhere, pair.key) == f"The file of api.tls.certificate_file, {nowhere}, {words}"
    assert why(pair.certificate, nowhere) == f"The file of api.tls.key_file, {nowhere}, {words}"
    assert why(*pair, nowhere) == f"The file of api.tls.client_ca_file, {nowhere}, {words}"


def test_a_key_of_another_certificate_is_named(authority: Authority, pair: Pair) -> None:
    other = authority.make("other")
    said = why(pair.certificate, other.key)
    assert f"The key of api.tls.key_file, {other.key}, does not belong to the certificate" in said
    assert "Give the two that were made together." in said


def test_a_file_of_another_kind_is_named(pair: Pair, tmp_path: Path) -> None:
    text = tmp_path / "text.pem"
    text.write_text("not a certificate")
    for certificate, key in ((text, pair.key), (pair.certificate, text), (pair.key, pair.certificate)):
        assert "one of them is no PEM file of its kind" in why(certificate, key)
    assert f"The file of api.tls.client_ca_file, {text}, holds no certificate" in why(*pair, text)


def test_a_key_with_a_password_is_named_and_nobody_is_asked_for_it(authority: Authority) -> None:
    locked = authority.make("locked", password="secret")
    assert f"The key of api.tls.key_file, {locked.key}, has a password" in why(*locked)


def test_an_expired_certificate_is_named_with_its_cure(authority: Authority) -> None:
    old = authority.make("agent.store.example", until=EXPIRED)
    make_context(TlsFiles(*old))
    said = expiry(TlsFiles(*old))
    assert str(old.certificate) in said
    assert "certificate has expired. Renew it, then systemctl reload store-agent." in said


Serve = Callable[..., AsyncIterator[str]]
LANE = "10.0.0.7"
"""Another machine, for an agent that is told so."""


@pytest.fixture
def from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("handshakes", "protocol"):
        monkeypatch.setattr(f"store_agent.api.{module}.other_machine", lambda *_: LANE)


@asynccontextmanager
async def encrypted(served: Served, files: TlsFiles) -> AsyncIterator[str]:
    """Serve with TLS, too; gives the address."""
    callers = Callers("manager-token", served.clock)
    callers.replace(await served.terminals.all())
    limits = Limits(header_timeout=1.0)
    connections = make_connections(limits)
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        handshakes = Handshakes(listener, make_context(files), limits, connections)
        server = make_server(served.app(callers, limits), limits, connections, handshakes)
        running = asyncio.create_task(server.serve(sockets=[]))
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await running
        assert len(connections) == 0


async def asked(url: str, trust: ssl.SSLContext, name: str = "lane-1", token: str = "cashier-token") -> int:
    async with httpx.AsyncClient(base_url=url, verify=trust, trust_env=False, auth=(name, token)) as client:
        return (await client.get("/v1/me")).status_code


@pytest.mark.usefixtures("from_elsewhere")
async def test_a_till_elsewhere_needs_a_certificate_with_its_own_name_beside_its_token_G15(
    served: Served, authority: Authority, pair: Pair, tmp_path: Path
) -> None:
    lane, other = authority.make("lane-1"), authority.make("lane-2")
    async with encrypted(served, TlsFiles(*pair, authority.file)) as url:
        assert await asked(url, authority.trust(lane)) == 200
        assert await asked(url, authority.trust(other)) == 401, "the name is another's"
        assert await asked(url, authority.trust()) == 401, "it has none"
        assert await asked(url, authority.trust(lane), token="wrong") == 401, "a certificate is no token"
        stranger = Authority(tmp_path / "strangers").make("lane-1")
        with pytest.raises((httpx.TransportError, ssl.SSLError)):
            await asked(url, authority.trust(stranger))


@pytest.mark.usefixtures("from_elsewhere")
async def test_the_machine_s_own_manager_calls_from_the_machine_only_G15(
    served: Served, authority: Authority, pair: Pair
) -> None:
    async with encrypted(served, TlsFiles(*pair)) as url:
        assert await asked(url, authority.trust(), "manager", "manager-token") == 401
        assert await asked(url, authority.trust()) == 200


async def test_on_the_machine_itself_no_certificate_is_needed_G15(
    served: Served, authority: Authority, pair: Pair
) -> None:
    """The control for the two tests above."""
    async with encrypted(served, TlsFiles(*pair, authority.file)) as url:
        assert await asked(url, authority.trust()) == 200
        assert await asked(url, make_trust(pair.certificate), "manager", "manager-token") == 200


async def test_programs_of_the_machine_trust_this_certificate_and_no_other(
    served: Served, authority: Authority, pair: Pair
) -> None:
    other, old = authority.make("agent.store.example"), authority.make("agent.store.example", until=EXPIRED)
    async with encrypted(served, TlsFiles(*pair)) as url:
        with pytest.raises(httpx.ConnectError):
            await asked(url, make_trust(other.certificate))
    async with encrypted(served, TlsFiles(*old)) as url:
        assert await asked(url, make_trust(old.certificate)) == 200, "an old one is the same one"
        with pytest.raises(httpx.ConnectError):
            await asked(url, authority.trust())


@pytest.mark.usefixtures("from_elsewhere")
async def test_handshakes_that_stall_are_counted_and_cut_off_G11(
    served: Served, authority: Authority, pair: Pair
) -> None:
    async with encrypted(served, TlsFiles(*pair)) as url:
        port = int(url.rpartition(":")[2])
        stalled = [await asyncio.open_connection("127.0.0.1", port) for _ in range(Limits().connections_per_caller_max)]
        for _, writer in stalled[:10]:
            writer.write(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a greeting
        with pytest.raises(httpx.TransportError):
            await asked(url, authority.trust())
        for reader, writer in stalled:
            await reader.read()
            writer.close()
        assert await asked(url, authority.trust()) == 200
