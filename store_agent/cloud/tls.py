"""Whom the agent trusts at the other end of an encrypted line, and what to say when it does not.

Nothing here comes from the agent's own environment but the system's store itself: a variable that would have session
keys written to a file (SSLKEYLOGFILE) is not followed.
"""

import ssl
from pathlib import Path

from store_agent.domain import skew
from store_agent.errors import ConfigurationError


def client_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Make the terms of an encrypted line: TLS 1.2 or newer, and a certificate for the name that is called.

    The certificate must come from an authority of the system's store or, where `ca_file` is given, from one in that
    file and no other. Raises ConfigurationError for a file that holds none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:
        reason = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigurationError(
            f"cloud.ca_file: {ca_file} cannot be used ({reason}). Put the certificate of the platform's authority "
            "there, or leave it out to trust the authorities of the system."
        ) from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an authority below a root can be pinned, too
    return context


def refusal(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """Tell why a certificate is refused, and what mends it."""
    return _REFUSALS.get(error.verify_code, (f"its certificate is refused ({error.verify_message})", _RENEW))


def failure(error: ssl.SSLError) -> str:
    """Tell why no encrypted line came about, other than by its certificate."""
    return _FAILURES.get(error.reason, "the encrypted connection failed")


_THEN = "then: systemctl reload store-agent"
_RENEW = "Check the date of this machine and cloud.base_url; else the platform's certificate must be renewed."
_UNTRUSTED = (
    "its certificate is from an authority that is not trusted here",
    (
        "Somebody may stand between the store and the platform (a login page, a firewall that looks into encrypted "
        "lines): ask who runs the network. If the platform has an authority of its own, or a new one, put its "
        f"certificate into cloud.ca_file; {_THEN}."
    ),
)
_OTHER_NAME = (
    "its certificate is for another name",
    f"Correct cloud.base_url; {_THEN}. If it is right, somebody else answers: ask who runs the network.",
)
_REFUSALS = {
    9: (
        "its certificate is not valid yet by the clock of this machine, which is probably behind",
        f"{skew.CURE}. Sending goes on by itself then.",
    ),
    10: (
        "its certificate has ended by the clock of this machine",
        (
            f"If the date of this machine is wrong: {skew.CURE[0].lower()}{skew.CURE[1:]}. Else the platform must "
            "renew its certificate."
        ),
    ),
    18: _UNTRUSTED,
    19: _UNTRUSTED,
    20: _UNTRUSTED,
    21: _UNTRUSTED,
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""By the X509_V_ERR_ codes of OpenSSL (X509_STORE_CTX_get_error(3))."""

_TOO_OLD = "it offers no encryption that is safe (TLS 1.2 or newer is wanted)"
_FAILURES = {
    "UNSUPPORTED_PROTOCOL": _TOO_OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _TOO_OLD,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _TOO_OLD,
    "WRONG_VERSION_NUMBER": "it does not answer encrypted (a login page of the network, or http at this address)",
}
"""By the reasons of OpenSSL's library."""
