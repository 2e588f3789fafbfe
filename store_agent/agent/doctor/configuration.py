"""Whether the configuration can be used, and who can read the secrets in it."""

import stat
from collections.abc import Iterator
from pathlib import Path

from store_agent.agent.certificate import tls_files
from store_agent.agent.doctor.finding import Finding, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.api.tls import TlsFiles, expiry, make_context
from store_agent.config.load import secret_of
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
    for path in _with_secrets(subject):
        yield from _readers(path)


def _secret(subject: Subject) -> Finding:
    try:
        secret_of(subject.settings.cloud)
    except ConfigurationError as error:
        return problem("secret", str(error), _MEANING, "Put the secret where the configuration says that it is.")
    return ok("secret", "The platform's secret is there.")


def _certificate(files: TlsFiles) -> Finding:
    try:
        make_context(files)
    except ConfigurationError as error:
        return problem("certificate", str(error), _MEANING, "Correct what is named, then systemctl reload store-agent.")
    if words := expiry(files):
        meaning = "Lanes that look at it cannot sell."
        return problem("certificate", words, meaning, "Renew it; if this machine's clock is wrong, set that first.")
    return ok("certificate", f"The certificate {files.certificate} can be used.")


def _with_secrets(subject: Subject) -> Iterator[Path]:
    """Give the files that hold a secret. A file that is not TOML may hold one."""
    cloud = None if subject.written is None else subject.written.get("cloud", {})
    if not isinstance(cloud, dict) or "secret" in cloud:
        yield subject.path
    if isinstance(cloud, dict) and isinstance(cloud.get("secret_file"), str):
        yield Path(cloud["secret_file"])


def _readers(path: Path) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return  # said already by whoever tried to read it
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        yield warning(
            "secret.readers",
            f"{path} has the secret and the mode {mode:04o}: others on this machine can read or change it.",
            "Sales are not affected, but the platform's secret is not safe.",
            f"chmod o=,g-w {path}",
        )
    else:
        yield ok("secret.readers", f"Others cannot read {path}.")
