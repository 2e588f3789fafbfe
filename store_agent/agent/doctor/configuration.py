"""Whether the configuration can be used, and who can read the secrets in it."""

from collections.abc import Iterator
from pathlib import Path

from store_agent.agent import service
from store_agent.agent.certificate import tls_files
from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.network import DAYS_MIN, days_left
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.usable import demand_readable
from store_agent.api.tls import TlsFiles, expiry, shown_by
from store_agent.cloud.tls import client_context
from store_agent.config.credentials import NotGiven, addresses_of, credentials_of, proxy_secret_of
from store_agent.config.exposure import exposed_mode, files_with_secrets
from store_agent.errors import ConfigurationError

_MEANING = "The agent does not start with it: no sales can be taken after a restart."


def check(subject: Subject) -> Iterator[Finding]:
    """Read it as the agent does; unknown keys are wrong, too."""
    if subject.trouble:
        cure = "Correct what is named; store-agent check-config says whether it can be used."
        yield problem("configuration", subject.trouble, _MEANING, cure)
    else:
        yield ok("configuration", f"{subject.path} can be used.")
    if "cloud" not in subject.broken:
        yield _secret(subject)
    if "api" not in subject.broken and (files := tls_files(subject.settings)) is not None:
        yield _certificate(files)
    for path in files_with_secrets(subject.path):
        if path.exists():  # else it was said already by whoever tried to read it
            yield _readers(path)


def _secret(subject: Subject) -> Finding:
    cloud = subject.settings.cloud
    try:
        for section, address in addresses_of(cloud):
            credentials_of(address, section)
        proxy_secret_of(cloud)
        client_context(cloud.ca_file)
        demand_readable(subject.path)
    except ConfigurationError as error:
        if isinstance(error, NotGiven) and service.is_out_of_sight(subject.path):
            return not_checked("secret", f"{error} Run this as root.")
        return problem(
            "secret",
            str(error),
            _MEANING,
            "Put it where the configuration says that it is, for the agent's user to read.",
        )
    return ok("secret", "The platform's credentials are there.")


def _certificate(files: TlsFiles) -> Finding:
    name = "certificate"
    try:
        words, days = expiry(files), days_left(shown_by(files))
    except ConfigurationError as error:
        return problem(name, str(error), _MEANING, "Correct what is named, then systemctl reload store-agent.")
    if words:
        meaning = "Lanes that look at it cannot sell."
        return problem(name, words, meaning, "Renew it; if this machine's clock is wrong, set that first.")
    if days < DAYS_MIN:
        words = f"The certificate {files.certificate} is good for {days} more days."
        meaning = "Lanes that look at it cannot sell once it has ended."
        return warning(name, words, meaning, "Renew it, then systemctl reload store-agent.")
    return ok(name, f"The certificate {files.certificate} can be used.")


def _readers(path: Path) -> Finding:
    mode = exposed_mode(path)
    if not mode:
        return ok("secret.readers", f"Others cannot read {path}.")
    return warning(
        "secret.readers",
        f"{path} holds a secret and has the mode {mode}: others on this machine can read or change it.",
        "Sales are not affected, but the secret is not safe.",
        f"chmod o=,g-w {path}",
    )
