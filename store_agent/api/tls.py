"""TLS for tills on other machines: TLS 1.2 or later, and certificates of the tills where a CA of theirs is set.

A certificate is tried on itself before it is used: what is wrong with it is told at the start and not at a till.
"""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store_agent.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The agent's certificate (with its chain) and its key, and the CA of the tills' certificates; all PEM."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


def make_context(files: TlsFiles) -> ssl.SSLContext:
    """Make what a server speaks TLS by. Raises ConfigurationError that names file, key and cure."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    _load(context, files)
    if files.client_ca is not None:
        _trust(context, files.client_ca, "api.tls.client_ca_file")
        context.verify_mode = ssl.CERT_OPTIONAL  # the door wants one from other machines, and answers in words
    return context


def make_trust(certificate: Path) -> ssl.SSLContext:
    """Make what a program on this machine trusts the agent by: its certificate, and no other.

    The certificate itself is known, so that neither its names nor its dates matter. Raises ConfigurationError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags = ssl.VerifyFlags(_PARTIAL_CHAIN)
    _trust(context, certificate, "api.tls.certificate_file")
    return context


_PARTIAL_CHAIN = ssl.VERIFY_X509_PARTIAL_CHAIN | 0x200000
"""Trust a certificate that is no CA's, whatever its dates (X509_V_FLAG_NO_CHECK_TIME)."""


def expiry(files: TlsFiles) -> str:
    """Say that the certificate is expired or not valid yet, by this machine's clock; empty if it is neither.

    Raises ConfigurationError for a kind of key that no caller takes.
    """
    strict = make_trust(files.certificate)
    strict.verify_flags = ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        _shake_hands(make_context(files), strict)
    except ssl.SSLCertVerificationError as error:
        return (
            f"The certificate of api.tls.certificate_file, {files.certificate}, is refused by the tills: "
            f"{error.verify_message}. Renew it, then systemctl reload store-agent."
        )
    except ssl.SSLError:
        raise ConfigurationError(_weak(files)) from None
    return ""


def shown_by(files: TlsFiles) -> Any:
    """Give the certificate that callers are shown, as `SSLSocket.getpeercert` does. Raises ConfigurationError."""
    return _shake_hands(make_context(files), make_trust(files.certificate)).getpeercert()


def names_of(transport: asyncio.BaseTransport) -> frozenset[str] | None:
    """Return the names in the certificate of a caller, none if it has none; None where none is asked for."""
    context = transport.get_extra_info("sslcontext")
    if context is None or context.verify_mode is ssl.CERT_NONE:
        return None
    shown = transport.get_extra_info("peercert") or {}
    subject = [value for part in shown.get("subject", ()) for key, value in part if key == "commonName"]
    return frozenset([*subject, *(value for kind, value in shown.get("subjectAltName", ()) if kind == "DNS")])


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    for key, path in (("api.tls.certificate_file", files.certificate), ("api.tls.key_file", files.key)):
        _read(path, key)
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except ssl.SSLError as error:
        raise ConfigurationError(_why(error, files)) from None
    except _Encrypted:
        raise ConfigurationError(
            f"The key of api.tls.key_file, {files.key}, has a password, and nobody is there to type it. "
            "Keep it without one, readable by the agent's user only."
        ) from None


class _Encrypted(Exception):
    """The key has a password."""


def _no_password() -> str:
    raise _Encrypted


def _why(error: ssl.SSLError, files: TlsFiles) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return (
            f"The key of api.tls.key_file, {files.key}, does not belong to the certificate of "
            f"api.tls.certificate_file, {files.certificate}. Give the two that were made together."
        )
    if error.reason in _WEAK:
        return _weak(files)
    return (
        f"api.tls.certificate_file, {files.certificate}, and api.tls.key_file, {files.key}, cannot be used: one of "
        "them is no PEM file of its kind. The certificate comes first in its file, then those that vouch for it."
    )


_WEAK = {"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}
"""What OpenSSL's library says of what is not safe any more."""


def _weak(files: TlsFiles) -> str:
    return (
        f"The certificate of api.tls.certificate_file, {files.certificate}, has a kind of key or signature that is not "
        "safe any more: no till could use it. Make one with a key of ECDSA P-256, or of RSA with 2048 bits or more."
    )


def _trust(context: ssl.SSLContext, path: Path, key: str) -> None:
    _read(path, key)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise ConfigurationError(f"The file of {key}, {path}, holds no certificate in PEM form.") from None


def _read(path: Path, key: str) -> None:
    """Raise ConfigurationError for a file that cannot be read."""
    try:
        path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The file of {key}, {path}, cannot be read ({error.strerror}). Correct the path; the agent's user must be "
            "able to read it."
        ) from None


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> ssl.SSLObject:
    """Let the two meet in memory; gives the client's side. Raises SSLCertVerificationError if it refuses the server."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(down, up)
    sides = [caller, server.wrap_bio(up, down, server_side=True)]
    while sides:
        for side in list(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                continue
    return caller
