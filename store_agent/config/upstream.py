"""The platform's addresses: the credentials for them, whom to trust to be there, and the way out of the store."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from store_agent.config.section import Seconds, Section, Text


class Address(Section):
    """An address of the platform and the credentials for it."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+(/[^\s]*)?$")]
    key: Text | None = Field(default=None, repr=False)
    key_file: Path | None = None
    secret: Annotated[SecretStr, Field(min_length=1)] | None = None
    secret_file: Path | None = None

    @field_validator("base_url")
    @classmethod
    def _encrypted_and_without_credentials(cls, base_url: str) -> str:
        if _split(base_url).scheme == "http" and not is_here(urlsplit(base_url).hostname or ""):
            raise ValueError(
                "must begin with https:// since everybody on the way could read sales and credentials otherwise; "
                "http:// is for this machine itself"
            )
        return base_url

    @model_validator(mode="after")
    def _one_of_each(self) -> "Address":
        if self.secret is not None and self.secret_file is not None:
            raise ValueError("secret and secret_file are both set; keep one of them")
        if self.key is not None and self.key_file is not None:
            raise ValueError("key and key_file are both set; keep one of them")
        return self


class Proxy(Section):
    """What leads out of the store; it tunnels, and knows nothing of what is encrypted."""

    url: Annotated[str, Field(pattern=r"^http://[^/\s]+/?$")]
    user: Text | None = None
    secret: Annotated[SecretStr, Field(min_length=1)] | None = None
    secret_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _without_credentials(cls, url: str) -> str:
        _split(url)
        return url

    @model_validator(mode="after")
    def _one_secret_for_a_user(self) -> "Proxy":
        if self.secret is not None and self.secret_file is not None:
            raise ValueError("secret and secret_file are both set; keep one of them")
        if self.user is None and (self.secret or self.secret_file) is not None:
            raise ValueError("user is missing, and there is a secret for it")
        return self


def is_here(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    """Take an address apart, once it is sure to have a port that is a number and no credentials."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        raise ValueError("must have a port from 0 to 65535, or none") from None
    if "@" in parts.netloc:
        raise ValueError("must not hold a name or a password; there are keys of their own for them")
    return parts


class Cloud(Address):
    """The platform, whom to trust to be it, the way there, and how long to wait for it.

    `core` and `connect` are its other upstreams, for relayed calls. `ca_file` and `proxy` are for all three.
    """

    platform: Literal["sessionm"] = "sessionm"
    connect_timeout_seconds: Seconds = 5.0
    write_timeout_seconds: Seconds = 10.0
    read_timeout_seconds: Seconds = 20.0
    call_timeout_seconds: Seconds = 30.0
    ca_file: Path | None = None
    proxy: Proxy | None = None
    core: Address | None = None
    connect: Address | None = None
