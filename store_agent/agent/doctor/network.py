"""The line to the platform, step by step: proxy, name, connection, certificate."""

import http.client
import os
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.doctor.way import connect, end_of, is_proxied
from store_agent.cloud.tls import client_context, refusal
from store_agent.config.upstream import Cloud
from store_agent.domain.plain import plain
from store_agent.errors import ConfigurationError

DAYS_MIN = 14
"""A certificate that ends sooner should have been renewed."""

_DAY_SECONDS = 86_400
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_WAITING = "Sales are taken and wait on this machine until this is mended."


def check(subject: Subject) -> Iterator[Finding]:
    """Walk to the platform as the agent does; the first step that fails leaves the later ones unchecked."""
    cloud = subject.settings.cloud
    proxy = cloud.proxy if is_proxied(cloud) else None
    host, port = end_of(urlsplit(cloud.base_url if proxy is None else proxy.url))
    yield _proxy() if proxy is None else ok("proxy", f"The way out is the proxy {host}, port {port}.")
    try:
        addresses = sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except OSError as error:
        words = f"The name {host} is not found ({error.strerror})."
        yield problem("dns", words, _WAITING, "Check the cable, the router and the DNS, and cloud.base_url.")
        yield from (not_checked(name, "The name was not found.") for name in ("tcp", "tls"))
        return
    yield ok("dns", f"{host} is {', '.join(addresses)}.")
    try:
        tcp = socket.create_connection((host, port), timeout=cloud.connect_timeout_seconds)
    except OSError as error:
        words = f"{host}, port {port}, takes no connection ({error.strerror or error})."
        yield problem("tcp", words, _WAITING, "Check the line and the firewall, and cloud.base_url.")
        yield not_checked("tls", "There was no connection.")
        return
    with tcp:
        yield ok("tcp", f"{host} takes connections on port {port}.")
        if proxy is not None:
            yield _tls_by_proxy(cloud)
        elif cloud.base_url.startswith("https:"):
            yield _tls(tcp, host, cloud.ca_file)
        else:
            yield ok("tls", f"{host} is this machine; nothing needs to be encrypted.")


def _proxy() -> Finding:
    named = [name for name in _PROXIES if os.environ.get(name)]
    if not named:
        return ok("proxy", "No proxy is set.")
    return warning(
        "proxy",
        f"A proxy is set in the environment ({', '.join(named)}).",
        "The agent does not use it: where only the proxy leads out, nothing is sent.",
        "Set it in [cloud.proxy], or let the agent's machine through to the platform directly.",
    )


def _tls_by_proxy(cloud: Cloud) -> Finding:
    host, _ = end_of(urlsplit(cloud.base_url))
    try:
        tunnel = connect(cloud, cloud.connect_timeout_seconds)
    except (OSError, http.client.HTTPException, ConfigurationError) as error:
        return not_checked(
            "tls", f"The proxy leads to no {host} ({plain(error)}); what is said of the credentials tells more."
        )
    with tunnel:
        return _tls(tunnel, host, cloud.ca_file)


def _tls(tcp: socket.socket, host: str, ca_file: Path | None) -> Finding:
    name = "tls"
    try:
        with client_context(ca_file).wrap_socket(tcp, server_hostname=host) as secure:
            certificate, version = secure.getpeercert(), secure.version()
    except ConfigurationError as error:
        return not_checked(name, str(error))
    except ssl.SSLCertVerificationError as error:
        why, cure = refusal(error)
        return problem(name, f"The certificate of {host} is refused: {why}.", _WAITING, cure)
    except OSError as error:
        words = f"No encrypted connection to {host} ({getattr(error, 'reason', None) or error})."
        return problem(name, words, _WAITING, "Check what stands between: a firewall, a login page of the network.")
    days = days_left(certificate or {})
    words = f"{version}; the certificate of {host} is good for {days} more days."
    if days < DAYS_MIN:
        meaning = "Nothing can be sent once it has ended; sales wait then."
        return warning(name, words, meaning, "Ask the platform to renew its certificate.")
    return ok(name, words)


def days_left(certificate: Any) -> int:
    """Give the whole days until a certificate ends (as `ssl` reads it), by this machine's clock."""
    return int((ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) // _DAY_SECONDS)
