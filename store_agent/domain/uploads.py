"""Uploads of what the store tells the platform about itself (SessionM POS API, Metadata)."""

from enum import StrEnum


class Kind(StrEnum):
    """What there is; the value is its endpoint."""

    CATALOG = "upload_catalog"
    EMPLOYEES = "upload_employees"


class Pushed(StrEnum):
    """What became of an upload.

    `queued`: it goes as soon as the line allows. `unchanged`: the platform gets, or got, the same already. `none`:
    there is nothing to upload. `too_large`: more than is allowed. `no_room`: the disk is full. `off`: not wanted.
    """

    QUEUED = "queued"
    UNCHANGED = "unchanged"
    NONE = "none"
    TOO_LARGE = "too_large"
    NO_ROOM = "no_room"
    OFF = "off"
