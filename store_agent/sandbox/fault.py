"""A fault: one thing that goes wrong on demand, as data.

Two forms, one meaning. On the command line `kind[:name=value[,name=value]...]`, identifiers joined by `+`; over HTTP a
JSON object `{"kind": ..., "count": ..., "probability": ..., ...arguments}`. A comma inside a value is kept unless
`name=` follows it, so that an HTTP date needs no quoting.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from store_agent.errors import ConfigurationError

MS_MAX = 600_000
"""Ten minutes, in milliseconds: longer than any deadline a client could sensibly have."""

COUNT_MAX = 1_000_000_000

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "down": (),
    "slow": ("ms",),
    "hang": (),
    "drop_before": (),
    "drop_after": (),
    "status": ("code", "retry_after", "body"),
    "captive": (),
    "pending": ("times", "http_status"),
    "refuse": ("ids", "message", "field", "http_status"),
    "poison": ("ids",),
    "drip": ("ms",),
}
"""The kinds of fault and the arguments that each understands, beside those of all."""

_OF_ALL = ("count", "probability", "path")

_NEEDS = {"slow": "ms", "status": "code", "refuse": "ids", "poison": "ids", "drip": "ms"}
_EXAMPLES = {
    "slow": "slow:ms=500",
    "status": "status:code=503,retry_after=2,count=3",
    "refuse": "refuse:ids=A1+A2",
    "poison": "poison:ids=A1",
    "drip": "drip:ms=20",
}
_STATUS_BY_KIND = {"pending": 200, "refuse": 400}


@dataclass(frozen=True)
class Fault:
    """What goes wrong, how often and with what arguments. Raises `ConfigurationError` when that makes no sense.

    `count`: how many more requests it hits, None until cleared. `probability`: 0 to 1, of hitting a request it
    concerns. `path`: beginning of the paths it concerns, such as `/api/2.0/lock`; empty for all. `ms`: milliseconds of
    latency (`slow`), or between two bytes (`drip`). `code`, `retry_after` (seconds, or an HTTP date), `body` (plain
    text instead of the container): the answer of `status`. `times`: how often each request_id is told to wait
    (`pending`). `ids`: transaction ids (`refuse`, `poison`). `message`, `field`: words and field of the refusal.
    `http_status`: status of a refusal (400) or of a pending answer (200).
    """

    kind: str
    count: int | None = None
    probability: float = 1.0
    path: str = ""
    ms: int = 0
    code: int = 0
    retry_after: str | None = None
    body: str | None = None
    times: int = 1
    ids: tuple[str, ...] = ()
    message: str = "Unknown employee 1000"
    field: str = "pos_employee_id"
    http_status: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in ARGUMENTS:
            raise ConfigurationError(f"There is no fault {self.kind!r}. Known faults: {', '.join(ARGUMENTS)}.")
        given = self._given()
        for name in given:
            self._refuse_stray(name)
        needed = _NEEDS.get(self.kind)
        if needed is not None and needed not in given:
            raise ConfigurationError(f"Fault {self.kind} needs {needed}, for example {_EXAMPLES[self.kind]}.")
        for name in given:
            self._refuse_nonsense(name)

    @property
    def answered_with(self) -> int:
        """The HTTP status of a refusal or of a pending answer."""
        return _STATUS_BY_KIND[self.kind] if self.http_status is None else self.http_status

    def as_json(self) -> dict[str, Any]:
        """Render the object that `fault_from_json` reads."""
        aim = ("path",) if self.path else ()
        names = ("kind", "count", "probability", *aim, *ARGUMENTS[self.kind])
        return {name: getattr(self, name) for name in names}

    def _given(self) -> list[str]:
        fields = (item for item in dataclasses.fields(self) if item.name != "kind")
        return [item.name for item in fields if getattr(self, item.name) != item.default]

    def _refuse_stray(self, name: str) -> None:
        if name in (*_OF_ALL, *ARGUMENTS[self.kind]):
            return
        takes = ", ".join((*ARGUMENTS[self.kind], *_OF_ALL))
        raise ConfigurationError(f"Fault {self.kind} takes no {name}; it takes {takes}.")

    def _refuse_nonsense(self, name: str) -> None:
        makes_sense, words = _CHECKS[name]
        if not makes_sense(getattr(self, name)):
            raise ConfigurationError(f"Fault {self.kind}: {name} must be {words}, not {getattr(self, name)!r}.")


def parse_fault(text: str) -> Fault:
    """Read the command-line form, for example `status:code=429,retry_after=2,count=3`.

    Raises `ConfigurationError` with words for the person who typed it.
    """
    kind, _, rest = text.partition(":")
    pieces = re.split(r",(?=\s*\w+\s*=)", rest) if rest.strip() else []
    return _build(kind.strip(), dict(_typed_argument(text, piece) for piece in pieces))


def fault_from_json(value: Any) -> Fault:
    """Read the JSON form, decoded. Raises `ConfigurationError`."""
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise ConfigurationError('A fault is an object with a kind, for example {"kind": "down"}.')
    arguments = {name: argument for name, argument in value.items() if name != "kind"}
    if isinstance(arguments.get("ids"), list):
        arguments["ids"] = tuple(arguments["ids"])
    if _whole(arguments.get("retry_after"), 0, MS_MAX):
        arguments["retry_after"] = str(arguments["retry_after"])
    return _build(value["kind"], arguments)


def _build(kind: str, arguments: dict[str, Any]) -> Fault:
    unknown = [name for name in arguments if name not in _CHECKS]
    if unknown:
        raise ConfigurationError(f"Fault {kind}: there is no argument {unknown[0]!r}.")
    return Fault(kind, **arguments)


def _typed_argument(text: str, piece: str) -> tuple[str, Any]:
    name, equals, value = piece.partition("=")
    if not equals:
        raise ConfigurationError(f"Fault {text!r}: {piece!r} is not of the form name=value.")
    try:
        return name.strip(), _READERS.get(name.strip(), str)(value.strip())
    except ValueError:
        raise ConfigurationError(f"Fault {text!r}: {name.strip()} must be a number, not {value!r}.") from None


def _split_ids(value: str) -> tuple[str, ...]:
    return tuple(value.split("+"))


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("count", "ms", "code", "times", "http_status"), int),
    "probability": float,
    "ids": _split_ids,
}


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_ids(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) and item for item in value)


def _is_retry_after(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if value.isascii() and value.isdigit():
        return True
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return value.isascii() and value.isprintable()


def _is_answer_status(value: Any) -> bool:
    return _whole(value, 200, 599) and value not in (204, 304)


_CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "count": (lambda value: _whole(value, 0, COUNT_MAX), f"a whole number from 0 to {COUNT_MAX}"),
    "probability": (_is_share, "a number from 0 to 1"),
    "path": (lambda value: _is_text(value) and value.startswith("/"), "the beginning of a path, such as /api/2.0/lock"),
    "ms": (lambda value: _whole(value, 1, MS_MAX), f"milliseconds from 1 to {MS_MAX}"),
    "code": (lambda value: _is_answer_status(value) and value >= 300, "an HTTP status from 300 to 599"),  # noqa: PLR2004
    "retry_after": (_is_retry_after, "seconds or an HTTP date"),
    "body": (_is_text, "text"),
    "times": (lambda value: _whole(value, 1, COUNT_MAX), f"a whole number from 1 to {COUNT_MAX}"),
    "ids": (_are_ids, "transaction ids"),
    "message": (_is_text, "text"),
    "field": (_is_text, "text"),
    "http_status": (_is_answer_status, "an HTTP status from 200 to 599 that carries a body"),
}
