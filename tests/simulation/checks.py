"""What must hold, held against three books: the tills' receipts, the platform's ledger, the database."""

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from store_agent.storage import sqlite
from store_agent.storage.packing import unpack
from tests.simulation.ledger import Ledger
from tests.simulation.plan import Plan, Scenario
from tests.simulation.sales import codes_in
from tests.simulation.till import Receipt, Receipts
from tests.simulation.verdict import Verdict

CULPRIT_CALLS_MAX = math.floor(2 * math.log2(10) + 1)
"""Calls that a refused sale may cost beyond those of a batch without it (G6)."""

_COUNTED = "SELECT state, count(*), coalesce(sum(amount), 0) FROM revision GROUP BY state"
_TALLIES = "SELECT state, revisions, amount FROM tally"
_DELIVERED = "SELECT sequence FROM revision WHERE state = 'delivered'"
_ROWS = (
    "SELECT revision.sequence, transaction_id, state, body FROM revision"
    " JOIN payload ON payload.sequence = revision.sequence ORDER BY revision.sequence"
)
_DISCARDS = "SELECT sequence FROM audit WHERE action = 'discard' AND who <> '' AND reason <> ''"
_BURST = "SELECT count(*) FROM revision WHERE state = 'parked' AND burst = 1"
_MARKER = re.compile(rb'"marker": (\d+)')


@dataclass(frozen=True, slots=True)
class _Row:
    sequence: int
    transaction_id: str
    state: str
    marker: int

    def __str__(self) -> str:
        return f"{self.transaction_id}#{self.marker} (sequence {self.sequence}, {self.state})"


class Checks:
    """Looks at the database through `eyes`, a connection that sees what is committed only."""

    def __init__(self, eyes: sqlite.Connection, plan: Plan, receipts: Receipts, ledger: Ledger, verdict: Verdict):
        self._eyes = eyes
        self._plan = plan
        self._receipts = receipts
        self._ledger = ledger
        self._verdict = verdict
        self.ended: Counter[str] = Counter()

    def open(self) -> int:
        """Count, row by row, what is not settled."""
        sql = "SELECT count(*) FROM revision WHERE state IN ('waiting', 'frozen', 'held')"
        return int(self._eyes.execute(sql).fetchone()[0])

    def look(self) -> None:
        """Check what must hold at any moment: balanced books, and nothing delivered that the platform does not have."""
        self._eyes.execute("BEGIN")
        counted = {state: numbers for state, *numbers in self._eyes.execute(_COUNTED).fetchall()}
        tallies = {state: numbers for state, *numbers in self._eyes.execute(_TALLIES).fetchall()}
        delivered = {sequence for (sequence,) in self._eyes.execute(_DELIVERED).fetchall()}
        self._eyes.execute("COMMIT")
        accepted = tallies.pop("accepted")
        sums = [sum(column) for column in zip((0, 0), *counted.values(), strict=True)]
        self._verdict.expect(accepted == sums, "G2", f"accepted is {accepted}, all rows are {sums}")
        for state, tally in tallies.items():
            real = counted.get(state, [0, 0])
            self._verdict.expect(tally == real, "G2", f"the books say {tally} {state}, there are {real}")
        early = delivered - self._ledger.sequences
        self._verdict.expect(not early, "G2", f"marked as delivered, unknown to the platform: {sorted(early)[:5]}")

    def final(self) -> None:
        """Check how everything ended."""
        self.look()
        rows = [
            _Row(sequence, name, state, int(_MARKER.search(unpack(body) or b"")[1]))  # type: ignore[index]
            for sequence, name, state, body in self._eyes.execute(_ROWS).fetchall()
        ]
        self.ended.update(row.state for row in rows)
        self._check_receipts({row.sequence: row for row in rows})
        self._check_ends(rows)
        for marker, entry in self._ledger.accepted.items():
            self._check_codes(self._receipts.by_marker.get(marker), entry.values)
        if self._plan.scenario is Scenario.REFUSALS:
            self._check_culprits(rows)
        if self._plan.scenario is Scenario.BURST:
            self._check_burst()
        if self._plan.scenario is Scenario.RUSH:
            self._check_live()

    def _check_receipts(self, rows: dict[int, _Row]) -> None:
        for marker, receipt in self._receipts.by_marker.items():
            row = rows.get(receipt.sequence)
            if row is None or (row.marker, row.transaction_id) != (marker, receipt.sale.transaction_id):
                self._verdict.against("G2", f"{receipt} was acknowledged; the database has {row}")

    def _check_ends(self, rows: list[_Row]) -> None:
        newest: dict[str, int] = defaultdict(int)
        for row in rows:
            newest[row.transaction_id] = row.sequence
        discarded = {sequence for (sequence,) in self._eyes.execute(_DISCARDS).fetchall()}
        for row in rows:
            entry = self._ledger.accepted.get(row.marker)
            if row.state == "delivered":
                fine = entry is not None and entry.sequence == row.sequence
            elif row.state == "superseded":
                fine = row.sequence < newest[row.transaction_id]
            elif row.state == "parked":
                fine = row.marker in self._ledger.refused_alone
            else:
                fine = row.state == "discarded" and row.sequence in discarded
            if not fine:
                self._verdict.against("G2", f"{row} ended without a reason")
            elif entry is not None and row.state != "delivered":
                self._verdict.against("G2", f"{row} took effect at the platform all the same")

    def _check_codes(self, receipt: Receipt | None, values: dict[str, Any]) -> None:
        """Check that what arrived carries the codes that the till printed."""
        if receipt is None:
            return
        told, arrived = {code for _, code in receipt.codes}, codes_in(values)
        if told != arrived:
            self._verdict.against("G8", f"{receipt.sale}: {told} were printed, {arrived} arrived")

    def _check_culprits(self, rows: list[_Row]) -> None:
        """Check that culprits stand alone, and what they cost."""
        parked = {row.marker for row in rows if row.state == "parked"}
        bad = self._plan.nature.bad
        self._verdict.expect(parked == bad, "G6", f"{sorted(bad)} are refused, {sorted(parked)} are parked")
        extra, most = self._ledger.extra_calls, CULPRIT_CALLS_MAX * len(bad)
        self._verdict.expect(extra <= most, "G6", f"{len(bad)} culprits cost {extra} calls more, {most} at most")

    def _check_burst(self) -> None:
        """Check that sales refused by a wrong configuration are not left aside once somebody says that it is mended."""
        (left,) = self._eyes.execute(_BURST).fetchone()
        self._verdict.expect(left == 0, "G6", f"{left} sales of a burst of refusals are still parked")

    def _check_live(self) -> None:
        """Check that a sale goes out at once while the line is up, whatever waits: one way, and a few commits."""
        pace = self._plan.pace
        most = 1.5 * pace.line + 10 * pace.disk
        live = [call.sales[0].marker for till in self._plan.tills if till.name == "live" for call in till.calls]
        for receipt in (self._receipts.by_marker[marker] for marker in live):
            took = self._ledger.first_arrival[receipt.sale.marker] - receipt.at
            words = f"{receipt.sale.transaction_id} was sold online and took {took:.3f} s to arrive, {most:.3f} at most"
            self._verdict.expect(not receipt.online or took <= most, "G10", words)
