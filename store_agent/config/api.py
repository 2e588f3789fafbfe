"""The local API: where it listens, who may call, and what it takes."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from store_agent.config.section import Seconds, Section, Text

_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_DEFAULT_PORT = re.compile(r"(?:https://.*:443|http://.*:80)")


def _exact(origin: str) -> str:
    """Take an origin only as browsers write it, so that comparing letters is enough (HTML, origin serialisation)."""
    if not _ORIGIN.fullmatch(origin) or _DEFAULT_PORT.fullmatch(origin):
        raise ValueError(
            f"{origin!r} is no origin as browsers send it, such as https://pos.example.com or http://localhost:3000: "
            "scheme and host in small letters, the port only where it is not the usual one, no path, no *"
        )
    return origin


Origin = Annotated[str, AfterValidator(_exact)]


class Tls(Section):
    """The agent's certificate for tills on other machines, and the CA of theirs, if they have certificates."""

    certificate_file: Path
    key_file: Path
    client_ca_file: Path | None = None

    @field_validator("client_ca_file", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return None if given == "" else given


class Api(Section):
    """Where the local API listens, and its bounds.

    `socket` is relative to the storage directory; none, or empty, means no Unix socket, and likewise no group.
    """

    tls: Tls | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8750
    socket: Path | None = None
    managers_group: Text | None = None
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    allowed_origins: tuple[Origin, ...] = ()
    body_bytes_max: Annotated[int, Field(ge=1_024, le=16_777_216)] = 262_144
    batch_body_bytes_max: Annotated[int, Field(ge=1_024, le=67_108_864)] = 4_194_304
    header_bytes_max: Annotated[int, Field(ge=1_024, le=1_048_576)] = 65_536
    header_timeout_seconds: Seconds = 10.0
    body_timeout_seconds: Seconds = 20.0
    answer_timeout_seconds: Seconds = 20.0
    request_timeout_seconds: Seconds = 120.0
    idle_timeout_seconds: Seconds = 75.0
    connections_max: Annotated[int, Field(ge=1, le=10_000)] = 256
    connections_per_caller_max: Annotated[int, Field(ge=1, le=10_000)] = 64
    rate_per_second: Annotated[float, Field(ge=1, le=1_000_000)] = 1_000.0
    rate_burst: Annotated[int, Field(ge=10, le=1_000_000)] = 10_000

    @property
    def loopback(self) -> bool:
        """Tell whether only programs of this machine can reach the address."""
        return self.host == "localhost" or ip_address(self.host).is_loopback

    @field_validator("socket", "managers_group", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return None if given == "" else given

    @model_validator(mode="after")
    def _group_needs_a_socket(self) -> "Api":
        if self.managers_group is not None and self.socket is None:
            raise ValueError(
                "managers_group is set, and socket is not: set it to where the group's members reach the agent, such "
                'as "/run/store-agent/managers.sock", or leave out both'
            )
        return self

    @field_validator("host")
    @classmethod
    def _others_only_with_tls(cls, host: str, info: ValidationInfo) -> str:
        if host == "localhost":
            return host
        try:
            loopback = ip_address(host).is_loopback
        except ValueError:
            raise ValueError("must be an address in numbers, such as 127.0.0.1, or localhost") from None
        if not loopback and info.data.get("tls") is None:
            raise ValueError(
                "must be an address of this machine itself, such as 127.0.0.1 or ::1. Tills on other machines are only "
                "served encrypted: for them set [api.tls] with certificate_file and key_file"
            )
        return host
