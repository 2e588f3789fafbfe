"""The way to the platform as the agent takes it: straight, or by a tunnel of the proxy."""

import base64
import http.client
import socket
from urllib.parse import SplitResult, urlsplit

from store_agent.agent.ways import proxy_of
from store_agent.cloud.transport import Proxy
from store_agent.config.upstream import Cloud


def connect(cloud: Cloud, seconds: float) -> socket.socket:
    """Connect to the platform, each step within so many seconds; nothing is encrypted yet.

    Raises OSError and HTTPException where there is no way, ConfigurationError where the proxy's secret is not there.
    """
    url = urlsplit(cloud.base_url)
    proxy = proxy_of(cloud) if is_proxied(cloud) else None
    if proxy is None:
        return socket.create_connection(end_of(url), timeout=seconds)
    host, port = end_of(urlsplit(proxy.url))
    asked = http.client.HTTPConnection(host, port, timeout=seconds)
    asked.set_tunnel(*end_of(url), headers=_credentials(proxy))
    try:
        asked.connect()
    except BaseException:
        asked.close()
        raise
    return asked.sock


def is_proxied(cloud: Cloud) -> bool:
    """Tell whether a proxy is used; what is not encrypted stays on this machine."""
    return cloud.proxy is not None and cloud.base_url.startswith("https:")


def end_of(url: SplitResult) -> tuple[str, int]:
    """Give host and port of an address."""
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)


def _credentials(proxy: Proxy) -> dict[str, str]:
    if not proxy.user:
        return {}
    both = base64.b64encode(f"{proxy.user}:{proxy.secret}".encode()).decode("ascii")
    return {"Proxy-Authorization": f"Basic {both}"}
