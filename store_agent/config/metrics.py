"""What is measured: who may read it, and where else it goes."""

from pathlib import Path

from pydantic import field_validator

from store_agent.config.section import Seconds, Section


class Metrics(Section):
    """`textfile` is relative to the storage directory; none, or empty, means no file."""

    open: bool = False
    textfile: Path | None = None
    textfile_every_seconds: Seconds = 60.0

    @field_validator("textfile", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return None if given == "" else given

    @field_validator("textfile")
    @classmethod
    def _has_the_name_that_is_read(cls, given: Path | None) -> Path | None:
        if given is not None and given.suffix != ".prom":
            raise ValueError("must end in .prom, since node_exporter reads no other files")
        return given
