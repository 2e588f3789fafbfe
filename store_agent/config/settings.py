"""Every key of the configuration. `config.example.toml` shows them all; a test holds the two together."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from store_agent.config.api import Api
from store_agent.config.metrics import Metrics
from store_agent.config.printers import Name, Printer, Printing, ambiguous
from store_agent.config.section import Bytes, Seconds, Section, Text
from store_agent.config.upstream import Cloud
from store_agent.domain.batch import BATCH_MAX
from store_agent.domain.burst import BURST_MAX

FieldPath = Annotated[str, Field(max_length=200, pattern=r"^(\*\*\.)?[^.]+(\.[^.]+)*$")]
"""Names of members, with dots between them and * for a position in a list; **. in front means anywhere."""

SOCKET_PATH_BYTES_MAX = 107
"""What the kernel takes as the path of a Unix socket, without the zero behind it (unix(7), sun_path)."""


class Store(Section):
    """Who the store is to the platform; all three are given by the platform."""

    store_id: Text
    client_id: Text
    culture: Text | None = None


class Storage(Section):
    """Where sales are kept, for how long, and how much room is kept for them."""

    directory: Path = Path("/var/lib/store-agent")
    reserve_bytes: Bytes = 33_554_432
    free_min_bytes: Bytes = 67_108_864
    free_warn_bytes: Bytes = 536_870_912
    keep_days: Annotated[int, Field(ge=2, le=3_650)] = 30
    keep_sales_max: Annotated[int, Field(ge=1_000, le=10_000_000)] = 500_000
    audit_keep_days: Annotated[int, Field(ge=30, le=3_650)] = 400
    check_timeout_seconds: Seconds = 0.2
    encryption: Literal["on", "off"] = "off"
    key_file: Path = Path("storage.key")

    @model_validator(mode="after")
    def _warns_before_it_refuses(self) -> "Storage":
        if self.free_warn_bytes < self.free_min_bytes:
            raise ValueError("free_warn_bytes must not be less than free_min_bytes, below which sales are refused")
        return self


class Backup(Section):
    """Copies of the database; `directory` is relative to the storage directory."""

    directory: Path = Path("backups")
    every_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    keep: Annotated[int, Field(ge=1, le=1_000)] = 7


class Upkeep(Section):
    """How often the agent looks after its database."""

    space_seconds: Seconds = 5.0
    checkpoint_seconds: Seconds = 60.0
    retention_seconds: Seconds = 3_600.0
    check_hours: Annotated[float, Field(gt=0, le=720)] = 24.0


class Receipts(Section):
    """Receipt codes: `auto` gives each sale of an unknown guest one, `off` none; and how they are drawn."""

    mode: Literal["auto", "off"] = "auto"
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")] | None = None
    caption: Annotated[str, Field(max_length=200)] = "Scan to collect your points"
    qr_scale: Annotated[int, Field(ge=1, le=32)] = 6
    error_correction: Literal["l", "m", "q", "h"] = "m"
    quiet_zone: Annotated[int, Field(ge=2, le=16)] = 4

    @model_validator(mode="after")
    def _auto_needs_an_address(self) -> "Receipts":
        if self.mode == "auto" and self.base_url is None:
            raise ValueError(
                'base_url is missing: the address that guests open to claim a sale. Or set mode = "off" for no codes'
            )
        return self


class Drain(Section):
    """How sales go to the platform."""

    concurrency: Annotated[int, Field(ge=1, le=16)] = 4
    batch_max: Annotated[int, Field(ge=1, le=BATCH_MAX)] = BATCH_MAX
    batch_bytes_max: Annotated[int, Field(ge=1_024, le=16_777_216)] = 1_000_000
    backoff_base_seconds: Seconds = 0.5
    backoff_cap_seconds: Seconds = 30.0
    first_contact_spread_seconds: Annotated[float, Field(ge=0, le=3_600)] = 20.0
    probe_interval_seconds: Seconds = 300.0
    throttle_cap_seconds: Seconds = 300.0
    refusals_in_a_row_max: Annotated[int, Field(ge=2, le=1_000)] = BURST_MAX


class Gateway(Section):
    """Calls at the counter: how long they may take, and what is done while the platform cannot be reached."""

    deadline_seconds: Annotated[float, Field(gt=0, le=60)] = 3.0
    answer_bytes_max: Annotated[int, Field(ge=1_024, le=67_108_864)] = 4_194_304
    repeat_seconds: Annotated[float, Field(ge=0, le=3_600)] = 10.0
    remember: Literal["encrypted", "off"] = "encrypted"
    remember_hours: Annotated[float, Field(gt=0, le=8_760)] = 72.0
    remember_max: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    offline_lookup: Literal["refuse", "allow_remembered"] = "refuse"
    offline_offers: Literal["refuse", "allow_remembered"] = "refuse"
    offline_per_offer_max: Annotated[int, Field(ge=0, le=1_000)] = 1
    offline_per_guest_day_max: Annotated[int, Field(ge=0, le=1_000)] = 1
    offline_per_store_day_max: Annotated[int, Field(ge=0, le=100_000)] = 50
    lock_hours: Annotated[float, Field(gt=0, le=720)] = 4.0


class Catalog(Section):
    """Catalog and employees: how large they may be, where they come from, and what goes to the platform.

    `watch_directory` is relative to the storage directory; none, or empty, means that no folder is watched.
    """

    body_bytes_max: Annotated[int, Field(ge=1_024, le=268_435_456)] = 67_108_864
    upload: bool = True
    upload_bytes_max: Annotated[int, Field(ge=1_024, le=268_435_456)] = 16_777_216
    employees_upload_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    watch_directory: Path | None = None
    watch_seconds: Seconds = 10.0

    @field_validator("watch_directory", mode="before")
    @classmethod
    def _empty_is_none(cls, directory: object) -> object:
        return None if directory == "" else directory


class CardData(Section):
    """What is done about card data: `exempt` are paths of fields with identifiers that look like card numbers."""

    mode: Literal["mask", "strict"] = "mask"
    exempt: Annotated[tuple[FieldPath, ...], Field(max_length=100)] = ()


class Log(Section):
    """What the agent writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["json", "text"] = "json"


class Settings(BaseSettings):
    """The whole configuration. Variables such as STORE_AGENT_CLOUD__SECRET override the file."""

    model_config = SettingsConfigDict(env_prefix="STORE_AGENT_", env_nested_delimiter="__", extra="forbid", frozen=True)

    store: Store
    cloud: Cloud
    api: Api = Api()
    storage: Storage = Storage()
    backup: Backup = Backup()
    upkeep: Upkeep = Upkeep()
    receipts: Receipts
    drain: Drain = Drain()
    gateway: Gateway = Gateway()
    catalog: Catalog = Catalog()
    printing: Printing = Printing()
    printers: dict[Name, Printer] = {}
    card_data: CardData = CardData()
    metrics: Metrics = Metrics()
    log: Log = Log()

    @property
    def managers_socket(self) -> Path | None:
        """Where managers reach the agent, other than by its port."""
        return None if self.api.socket is None else self.storage.directory / self.api.socket

    @model_validator(mode="after")
    def _socket_path_fits(self) -> "Settings":
        path = self.managers_socket
        if path is not None and len(os.fsencode(path)) > SOCKET_PATH_BYTES_MAX:
            raise ValueError(f"api.socket: {path} is longer than {SOCKET_PATH_BYTES_MAX} bytes; choose a shorter path")
        return self

    @model_validator(mode="after")
    def _each_terminal_has_one_printer(self) -> "Settings":
        if problem := ambiguous(self.printers):
            raise ValueError(f"printers: {problem}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment come before the file, and nothing else count."""
        return env_settings, init_settings
