"""The certificate of the local API, as the configuration names it."""

from store_agent.api.tls import TlsFiles, expiry, make_context
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError


def tls_files(settings: Settings) -> TlsFiles | None:
    """Return the files of the certificate; None where the local API is not encrypted."""
    tls = settings.api.tls
    return None if tls is None else TlsFiles(tls.certificate_file, tls.key_file, tls.client_ca_file)


def try_certificate(settings: Settings) -> None:
    """Try the certificate, if there is one. Raises ConfigurationError, also for one that is expired."""
    files = tls_files(settings)
    if files is None:
        return
    make_context(files)
    if words := expiry(files):
        raise ConfigurationError(words)
