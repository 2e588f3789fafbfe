"""What became of everything, for the manager and for programs; single sales go to a file as they are found."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from store_agent.domain.summary import count

NAMED_MAX = 100
"""Sales that the report itself names; the file beside it has them all."""

SALES_FILE = "sales.jsonl"

_DOUBTFUL = (
    "{} may have reached the platform before and will not go out by themselves: look each up there, then retry or "
    "discard it (store-agent outbox list --state parked)."
)
_LOST = (
    "{} cannot be read and will not go out: compare the receipts with the platform for them. What is known of them is "
    "in {}."
)
_MAY_BE_MORE = (
    "How many sales there were cannot be read, so that more may be lost than is known: compare the last receipts with "
    "the platform, or bring back the last backup (store-agent restore)."
)
_NO_TERMINALS = "No terminal could be saved: add the tills again (store-agent terminal add), or they cannot sell."
_AUDIT = "The record of what people did has gaps or changes since: store-agent audit verify names them."


@dataclass(slots=True)
class Report:
    """The result of a salvage. `at` is wall time in milliseconds since 1970, a label only.

    `rows` counts what was saved by table, `states` revisions by state. `lost` names sales that are unreadable and may
    not be at the platform, `doubtful` those set aside since they may be there already; both up to NAMED_MAX, counted in
    `lost_count` and `doubtful_count`. `settled_lost` and `texts_dropped` count what is not needed any more: settled
    revisions that are unreadable, or kept without their text. `missing` are ranges of sequences of which nothing was
    found; `missing_count` of them are not explained by retention. `may_be_more` tells that the old books are
    unreadable: nobody knows how many there were. `audit` says what is wrong with the audit since.
    """

    number: int
    at: int
    why: str
    directory: str
    rows: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    lost: list[dict[str, Any]] = field(default_factory=list)
    lost_count: int = 0
    doubtful: list[int] = field(default_factory=list)
    doubtful_count: int = 0
    settled_lost: int = 0
    texts_dropped: int = 0
    requests_lost: int = 0
    missing: list[tuple[int, int]] = field(default_factory=list)
    missing_count: int = 0
    may_be_more: bool = False
    audit: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Say what happened, what it means for sales and what to do."""
        return " ".join(sentence for sentence in self._sentences() if sentence)

    def as_json(self) -> dict[str, Any]:
        """Give everything as JSON values."""
        return asdict(self) | {"words": self.words}

    def _sentences(self) -> list[str]:
        saved = sum(self.states.values())
        unknown = self.lost_count + self.missing_count
        return [
            f"The database of this machine was damaged ({self.why.rstrip('.')}).",
            f"It was set aside in {self.directory}, and what could be read was saved: {count(saved, 'sale', 'sales')}.",
            "The store can go on selling, and nothing that the platform has is sent again by itself.",
            _DOUBTFUL.format(count(self.doubtful_count, "sale", "sales")) if self.doubtful_count else "",
            _LOST.format(count(unknown, "sale", "sales"), f"{self.directory}/{SALES_FILE}") if unknown else "",
            _MAY_BE_MORE if self.may_be_more else "",
            "" if self.rows.get("terminal") else _NO_TERMINALS,
            _AUDIT if self.audit else "",
            "Have the disk of this machine checked.",
        ]


class Recorder:
    """Fills a report; writes each sale in trouble to a file in the set-aside directory. Close it at the end.

    What an encrypted database said of sales is not written down in clear: without `texts` the file only names them.
    """

    def __init__(self, report: Report, directory: Path, *, texts: bool = True) -> None:
        self.report = report
        self._texts = texts
        self.rows: Counter[str] = Counter()
        self._file = (directory / SALES_FILE).open("w", encoding="utf-8")

    def close(self) -> None:
        """Finish the file."""
        self.report.rows = dict(self.rows)
        self._file.close()

    def lost(self, known: Mapping[str, Any], text: bytes | None) -> None:
        """Note a sale that is unreadable, with what is known of it."""
        self.report.lost_count += 1
        if len(self.report.lost) < NAMED_MAX:
            self.report.lost.append(dict(known))
        self._write("lost", known, text)

    def doubtful(self, known: Mapping[str, Any]) -> None:
        """Note a sale that the platform may have."""
        self.report.doubtful_count += 1
        if len(self.report.doubtful) < NAMED_MAX:
            self.report.doubtful.append(known["sequence"])
        self._write("doubtful", known, None)

    def request_lost(self, known: Mapping[str, Any], body: bytes | None) -> None:
        """Note a frozen request that cannot go out again."""
        self.report.requests_lost += 1
        self._write("request lost", known, body)

    def missing(self, first: int, last: int) -> None:
        """Note sequences of which nothing was found."""
        self.report.missing_count += last - first + 1
        if len(self.report.missing) < NAMED_MAX:
            self.report.missing.append((first, last))
        self._write("nothing found", {"first": first, "last": last}, None)

    def _write(self, what: str, known: Mapping[str, Any], text: bytes | None) -> None:
        line = {"what": what, **known}
        if text is not None and self._texts:
            line["text"] = text.decode(errors="backslashreplace")
        self._file.write(json.dumps(line) + "\n")
