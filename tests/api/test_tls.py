"""The agent's certificate works, or one message names file, key and cure; those of tills name their terminals (G15)."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Scope

from store_agent.api.callers import Callers
from store_agent.api.connections import CONNECTION
from store_agent.api.handshakes import Handshakes
from store_agent.api.limits import Limits
from store_agent.api.protocol import CERTIFICATE
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


@pytest.mark.parametrize("kind", ["rsa:1024", "ec -pkeyopt ec_paramgen_curve:secp224r1"])
def test_a_key_that_no_till_takes_is_named_with_its_cure(authority: Authority, kind: str) -> None:
    weak = TlsFiles(*authority.make("agent.store.example", kind=kind))
    with pytest.raises(ConfigurationError, match="no till could use it. Make one with a key of ECDSA P-256"):
        expiry(weak)


Serve = Callable[..., AsyncIterator[str]]
LANE = "10.0.0.7"
"""Another machine, for an agent that is told so."""


@pytest.fixture
def from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("handshakes", "protocol"):
        monkeypatch.setattr(f"store_agent.api.{module}.other_machine", lambda *_: LANE)


@asynccontextmanager
async def encrypted(served: Served, files: TlsFiles, inside: ASGIApp | None = None) -> AsyncIterator[str]:
    """Serve with TLS, too; gives the address. `inside` answers in place of the application."""
    callers = Callers("manager-token", served.clock)
    callers.replace(await served.terminals.all())
    limits = Limits(header_timeout=1.0)
    connections = make_connections(limits)
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        handshakes = Handshakes(listener, make_context(files), limits, connections)
        server = make_server(inside or served.app(callers, limits), limits, connections, handshakes)
        running = asyncio.create_task(server.serve(sockets=[]))
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await running
        assert (len(connections), connections._by_address) == (0, {})


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


async def leave_at_once(port: int, trust: ssl.SSLContext) -> None:
    """Shake hands, and reset the connection behind the last words, before the agent has read them."""
    heard, words = ssl.MemoryBIO(), ssl.MemoryBIO()
    side = trust.wrap_bio(heard, words, server_hostname="127.0.0.1")
    loop = asyncio.get_running_loop()
    with socket.socket() as caller:
        caller.setblocking(False)
        await loop.sock_connect(caller, ("127.0.0.1", port))
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
                break
            await loop.sock_sendall(caller, words.read())
            heard.write(await loop.sock_recv(caller, 65_536))
        side.write(b"GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        caller.send(words.read())
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01" + bytes(7))


async def test_who_leaves_at_once_came_from_where_it_came_from_G15(
    served: Served, authority: Authority, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system knows no address of a connection that was reset: it is not from here, nor is it counted on."""
    for module in ("handshakes", "protocol"):
        monkeypatch.setattr(f"store_agent.api.{module}.other_machine", lambda client, _: LANE if client else "")
    met: list[tuple[str, bool]] = []

    async def look(scope: Scope, *_: object) -> None:
        extensions = scope["extensions"]
        met.append((extensions[CONNECTION].address, CERTIFICATE in extensions))

    async with encrypted(served, TlsFiles(*pair, authority.file), look) as url:
        async with asyncio.timeout(20):
            while not met:
                await leave_at_once(int(url.rpartition(":")[2]), authority.trust())
    assert set(met) == {(LANE, True)}


async def test_who_sends_too_much_over_tls_is_told_so(served: Served, authority: Authority, pair: Pair) -> None:
    async with encrypted(served, TlsFiles(*pair)) as url:
        credentials = ("lane-1", "cashier-token")
        async with httpx.AsyncClient(base_url=url, verify=authority.trust(), trust_env=False, auth=credentials) as lane:
            json = {"Content-Type": "application/json"}
            refused = await lane.post("/api/2.0/send_transaction", content=b" " * 5_000_000, headers=json)
            assert (refused.status_code, refused.headers["connection"]) == (413, "close")
            assert (await lane.get("/v1/me")).status_code == 200


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
