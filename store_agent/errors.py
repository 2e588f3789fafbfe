"""Surprises, in one tree, by whose fault it is.

Expected answers are values (see `domain.outcome`); what is raised from here ends in an HTTP
answer or in an exit code of sysexits.h, always with words for the person who reads it.
"""

from dataclasses import dataclass


class AgentError(Exception):
    """Anything the agent says about itself; `exit_code` is from sysexits.h."""

    exit_code = 70


@dataclass(frozen=True)
class FieldError:
    """One field of a request and what is wrong with it.

    `path` is dotted, list positions are numbers: `items.0.line_id`.
    """

    path: str
    message: str


class BadInput(AgentError):
    """The caller sent what can never be right. Answered with a 4xx; nothing was stored."""

    exit_code = 65

    def __init__(self, code: str, message: str, *, fields: tuple[FieldError, ...] = (), status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status


class ConfigurationError(AgentError):
    """The operator's configuration cannot work; the message names file, key and cure."""

    exit_code = 78


class CannotCreate(AgentError):
    """A file or directory that the agent needs cannot be made or written."""

    exit_code = 73


class Unavailable(AgentError):
    """Something the agent needs is taken or not there: a port, a running agent."""

    exit_code = 69


class TemporaryFailure(AgentError):
    """It did not work now and may work later: another agent is running, the disk did not answer."""

    exit_code = 75


class StorageFailure(AgentError):
    """The disk or the database did not do what it must. What was being written may or may not be there."""

    exit_code = 74


class DiskFull(StorageFailure):
    """There is no room on the disk. Nothing of what was being written is there."""


class Damaged(StorageFailure):
    """The database holds something that the agent never wrote, or lacks something that it did."""


class Busy(AgentError):
    """More is waiting to be written than the agent takes; the caller should try again in a moment."""

    exit_code = 75


class PrinterTrouble(AgentError):
    """A printer did not print.

    `sent` tells that it may have all the same, since bytes were on their way to it; `told` that it said itself what is
    the matter.
    """

    exit_code = 69

    def __init__(self, words: str, *, sent: bool = False, told: bool = False) -> None:
        super().__init__(words)
        self.sent = sent
        self.told = told
