"""The platform is who it says it is, and credentials go to nobody else (DESIGN, section 8)."""

import asyncio
import socket
import ssl
from pathlib import Path

import httpx
import pytest

from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.answers import read_outcome
from store_agent.cloud.tls import client_context
from store_agent.cloud.transport import Answer, NoAnswer, Proxy, Timeouts, Transport
from store_agent.domain.outcome import Halted, Outcome
from store_agent.domain.outcome import Transport as Lost
from store_agent.errors import ConfigurationError
from tests.support.agent import free_port
from tests.support.authority import FUTURE, PAST, VALID, Authority
from tests.support.far_side import far_side, proxy_at_work, served

PATH = "/api/2.0/send_transaction"
PATIENT = Timeouts(connect=5.0, write=5.0, read=5.0, whole=5.0)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("another"), "another")


async def call(url: str, ca_file: Path | None = None, proxy: Proxy | None = None) -> Answer | NoAnswer:
    transport = Transport(url, PATIENT, trust=client_context(ca_file), proxy=proxy)
    try:
        return await Access(transport, key="a-key", secret="a-secret").post(PATH, b"{}")
    finally:
        await transport.close()


def read(found: Answer | NoAnswer) -> Outcome:
    return read_outcome(found, 0.0)


async def test_an_authority_that_is_pinned_is_trusted_and_no_other(authority: Authority, another: Authority) -> None:
    async with far_side(context=authority.serve()) as side:
        url = f"https://localhost:{side.port}"
        assert isinstance(await call(url, authority.file), Answer)
        refused = [await call(url, file) for file in (another.file, None)]
        assert len(side.heads) == 1
    for found in map(read, refused):
        assert isinstance(found, Halted)
        assert "authority that is not trusted here" in found.words
        assert "cloud.ca_file" in found.cure


async def test_the_system_s_authorities_do_not_count_beside_one_that_is_pinned(
    authority: Authority, another: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))  # where OpenSSL looks for the system's store
    async with far_side(context=authority.serve()) as side:
        url = f"https://localhost:{side.port}"
        assert isinstance(await call(url), Answer)
        assert isinstance(await call(url, another.file), NoAnswer)


@pytest.mark.parametrize(
    ("host", "valid", "words", "cure"),
    [
        ("localhost", FUTURE, "not valid yet by the clock of this machine", "Set the clock"),
        ("localhost", PAST, "has ended by the clock of this machine", "the platform must renew"),
        ("pos.example.com", VALID, "is for another name", "Correct cloud.base_url"),
    ],
)
async def test_a_certificate_that_is_refused_halts_with_words_and_cure(
    authority: Authority, host: str, valid: tuple[str, str], words: str, cure: str
) -> None:
    async with far_side(context=authority.serve(host, valid)) as side:
        found = read(await call(f"https://localhost:{side.port}", authority.file))
        assert not side.heads, "nothing was sent"
    assert isinstance(found, Halted)
    assert words in found.words
    assert cure in found.cure


async def test_less_than_tls_1_2_is_not_spoken(authority: Authority) -> None:
    old = authority.serve()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLS"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    careless = client_context(authority.file)
    careless.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLS"):
        careless.minimum_version = ssl.TLSVersion.TLSv1
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        shaken = asyncio.create_task(asyncio.to_thread(shake_hands, listener, old))
        found = read(await call(f"https://localhost:{port}", authority.file))
        assert await shaken == "UNSUPPORTED_PROTOCOL"
        shaken = asyncio.create_task(asyncio.to_thread(shake_hands, listener, old))
        _, writer = await asyncio.open_connection("localhost", port, ssl=careless)
        writer.close()
        assert await shaken == "TLSv1.1", "the control: somebody careless does speak it"
    assert isinstance(found, Lost)
    assert "TLS 1.2 or newer" in found.words


def shake_hands(listener: socket.socket, context: ssl.SSLContext) -> str | None:
    """Take one connection; gives the version that both sides agreed on, or why they did not."""
    connection, _ = listener.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as secure:
            return secure.version()
    except ssl.SSLError as error:
        return error.reason


async def test_a_server_that_does_not_encrypt_is_told_as_such() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with served(answer) as port:
        found = await call(f"https://localhost:{port}")
    assert isinstance(found, NoAnswer)
    assert "does not answer encrypted" in found.words


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"nothing", "no certificate")])
def test_a_file_without_an_authority_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"cloud\.ca_file: .*{reason}"):
        client_context(file)


async def test_session_keys_are_written_nowhere(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    async with far_side(context=authority.serve()) as side:
        assert isinstance(await call(f"https://localhost:{side.port}", authority.file), Answer)
    assert not (tmp_path / "keys").exists()


# Redirects


def redirect(target: str, status: int = 307) -> bytes:
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_credentials_do_not_follow_a_redirect(authority: Authority, status: int) -> None:
    context = authority.serve()
    async with far_side(context=context) as thief:
        target = f"https://localhost:{thief.port}/login?store=1"
        async with far_side(redirect(target, status), context) as side:
            found = read(await call(f"https://localhost:{side.port}", authority.file))
            assert "authorization: basic" in side.heads[0].lower()
        assert thief.heads == []
    assert isinstance(found, Lost), "the sale waits"
    assert f"answers {status}, a redirect to localhost, which is not followed" in found.words
    assert "store=1" not in found.words


async def test_a_client_that_follows_would_be_seen(authority: Authority) -> None:
    """The control for the test above."""
    context = authority.serve()
    async with far_side(context=context) as thief, far_side(context=context) as side:
        side.answer = redirect(f"https://localhost:{thief.port}/")
        async with httpx.AsyncClient(verify=client_context(authority.file), follow_redirects=True) as careless:
            careless.headers["X-Credentials"] = "a-secret"
            await careless.post(f"https://localhost:{side.port}")
        assert "a-secret" in thief.heads[0]


@pytest.mark.parametrize("target", ["", "https://[", "https://\u0000x/", "/elsewhere", "javascript:x"])
async def test_a_redirect_to_nowhere_is_told_all_the_same(target: str) -> None:
    found = read(Answer(302, {"location": target}, b""))
    assert isinstance(found, Lost)
    assert "answers 302, a redirect, which" in found.words


# Proxies


async def test_a_proxy_leads_out_and_sees_no_credentials_of_the_platform(authority: Authority) -> None:
    async with far_side(context=authority.serve()) as side, proxy_at_work() as proxy:
        through = Proxy(f"http://localhost:{proxy.port}", "store", "proxy-secret")
        assert isinstance(await call(f"https://localhost:{side.port}", authority.file, through), Answer)
        (asked,) = proxy.heads
        assert asked.startswith(f"CONNECT localhost:{side.port}")
        assert "proxy-authorization: basic" in asked.lower()
        assert "\nauthorization:" not in asked.lower()
        assert "proxy-authorization" not in side.heads[0].lower()
    assert "proxy-secret" not in repr(through)


async def test_a_proxy_does_not_spare_the_platform_its_certificate(authority: Authority, another: Authority) -> None:
    async with far_side(context=another.serve()) as side, proxy_at_work() as proxy:
        through = Proxy(f"http://localhost:{proxy.port}")
        assert isinstance(read(await call(f"https://localhost:{side.port}", authority.file, through)), Halted)
        assert not side.heads


@pytest.mark.parametrize(("status", "kind"), [(407, Halted), (502, Lost)])
async def test_a_proxy_that_refuses_is_told_from_the_platform(status: int, kind: type[Outcome]) -> None:
    refusal = f"HTTP/1.1 {status} \x1b[31mNo\r\nContent-Length: 0\r\n\r\n".encode()
    async with proxy_at_work(refusal) as proxy:
        found = read(await call("https://pos.example.com", proxy=Proxy(f"http://localhost:{proxy.port}")))
    assert isinstance(found, Halted | Lost)
    assert type(found) is kind
    assert f"the proxy does not let it through ({status})" in found.words
    assert "\x1b" not in found.words


async def test_a_proxy_that_is_not_there_is_told_from_the_platform() -> None:
    found = await call("https://pos.example.com", proxy=Proxy(f"http://127.0.0.1:{free_port()}"))
    assert found == NoAnswer("the proxy refuses the connection", sent=False)


async def test_the_environment_names_no_proxy(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async with far_side(context=authority.serve()) as side, proxy_at_work() as proxy:
        url = f"https://localhost:{side.port}"
        monkeypatch.setenv("HTTPS_PROXY", f"http://localhost:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")
        assert isinstance(await call(url, authority.file), Answer)
        assert proxy.heads == []
        async with httpx.AsyncClient(verify=client_context(authority.file)) as careless:
            await careless.get(url)
        assert len(proxy.heads) == 1, "the control: a client that trusts the environment goes there"


async def test_what_is_not_encrypted_is_not_shown_to_a_proxy() -> None:
    async with far_side() as side, proxy_at_work() as proxy:
        through = Proxy(f"http://localhost:{proxy.port}", "store", "proxy-secret")
        assert isinstance(await call(f"http://localhost:{side.port}", proxy=through), Answer)
        assert proxy.heads == []
        assert len(side.heads) == 1
