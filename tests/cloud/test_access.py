"""The store's credentials go to the platform and come back in nothing (G16)."""

import base64
import html
import json
from urllib.parse import quote

import pytest

from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.answers import read_outcome
from store_agent.cloud.transport import Answer, Timeouts, Transport
from tests.support.far_side import far_side

SECRET = 'pa"ss/wörd+<&'
TOKEN = base64.b64encode(f"a-key:{SECRET}".encode()).decode()


async def answered(body: bytes, secret: str = SECRET, status: int = 401) -> Answer:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with far_side(head + body) as side:
        transport = Transport(f"http://localhost:{side.port}", Timeouts())
        access = Access(transport, key="a-key", secret=secret)
        try:
            found = [await access.post("/x", b"{}"), await access.relay("GET", "/x", b"", "1")]
        finally:
            await transport.close()
    first, second = found
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert first.body == second.body
    return first


@pytest.mark.parametrize("value", [SECRET, TOKEN], ids=["secret", "header"])
@pytest.mark.parametrize(
    "write",
    [
        str,
        json.dumps,
        lambda text: json.dumps(text).replace("/", r"\/"),
        html.escape,
        lambda text: quote(text, safe=""),
    ],
    ids=["plain", "json", "json with escaped slashes", "page", "address"],
)
async def test_an_answer_that_repeats_the_credentials_is_given_without_G16(write: object, value: str) -> None:
    assert callable(write)
    echo = write(value).strip('"')
    body = '{"status": "Error", "errors": {"code": "x", "message": "bad header: Basic ' + echo + '"}}'
    found = await answered(body.encode())
    assert echo not in found.body.decode()
    assert echo in body, "the control: it was sent"
    outcome = read_outcome(found, 0.0)
    assert echo not in repr(outcome)
    assert "bad header: Basic [redacted]" in repr(outcome)


async def test_what_is_not_a_credential_comes_as_it_was_sent() -> None:
    body = b'{"status": "OK", "amount": 100, "key": "a-key"}'
    assert (await answered(body, status=200)).body == body
    assert (await answered(body, secret="100", status=200)).body == body
