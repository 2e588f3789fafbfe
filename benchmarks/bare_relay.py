"""A relay that adds credentials and nothing else, of the same libraries as the agent: a baseline of `gateway`."""

import base64
import sys

import httpx
import uvicorn
from starlette.responses import Response

from benchmarks.visits import platform


def main(port: int, platform_port: int) -> None:
    """Serve until the process is ended."""
    there = platform(platform_port)
    pos, cards = _basic(there.pos), _basic(there.cards)
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{platform_port}", trust_env=False)

    async def relay(scope, receive, send):
        path = scope["path"]
        headers = {"Content-Type": "application/json", "Authorization": cards if path.startswith("/priv") else pos}
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        answer = await client.request(scope["method"], path, headers=headers, content=body)
        await Response(answer.content, answer.status_code, media_type="application/json")(scope, receive, send)

    uvicorn.run(relay, port=port, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="error")


def _basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
