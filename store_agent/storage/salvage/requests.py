"""Saves the requests: ended ones as history, frozen ones only if their bytes are as they were stored."""

from collections.abc import Mapping

from store_agent.storage import sqlite
from store_agent.storage.packing import unpack
from store_agent.storage.queries import load
from store_agent.storage.salvage.finds import Finds
from store_agent.storage.salvage.records import Value
from store_agent.storage.salvage.report import Recorder
from store_agent.storage.salvage.rules import Request
from store_agent.storage.salvage.tables import insert
from store_agent.storage.seal import request_intact

_SQL = load("salvage")


class Requests:
    """The requests of the fresh database, and how certain those that are frozen are."""

    def __init__(self, fresh: sqlite.Connection, recorder: Recorder) -> None:
        self._fresh = fresh
        self._recorder = recorder
        self._certain: set[Value] = set()

    def fill(self, finds: Finds) -> None:
        """Copy what is usable. An ended request is never frozen again, so that any copy that says so proves it."""
        for number, copies in finds.together("batch"):
            found = copies["batch"]
            ended = [copy for copy in found if copy.row["state"] != "frozen"]
            usable = ended or [copy for copy in found if _is_intact(copy.row)]
            if usable and insert(self._fresh, "batch", _clean(usable[0].row)):
                self._recorder.rows["batch"] += 1
                if not ended and any(copy.certain for copy in found):
                    self._certain.add(number)
            elif any(copy.certain for copy in found):
                row = found[0].row
                self._recorder.request_lost({"number": number, "request_id": row["request_id"]}, _bytes(row))

    def of(self, number: Value) -> tuple[Request, bool]:
        """Tell what is known of a frozen revision's request, and whether it is frozen now for certain."""
        found = self._fresh.execute(_SQL["state_of_batch"], (number,)).fetchone()
        known = {("frozen",): Request.INTACT, ("delivered",): Request.DELIVERED}
        return known.get(found, Request.UNREADABLE), number in self._certain

    def body(self, number: Value) -> bytes:
        """Give the bytes of a frozen request, none if they are lost."""
        found = self._fresh.execute(_SQL["body_of_batch"], (number,)).fetchone()
        return b"" if found is None else unpack(found[0] or b"") or b""

    def finish(self) -> None:
        """Leave no request without revisions, and none that counts ones that are lost."""
        for number, request_id, endpoint, body in self._fresh.execute(_SQL["requests_alone"]).fetchall():
            named = {"number": number, "request_id": request_id, "endpoint": endpoint}
            self._recorder.request_lost(named, unpack(body))
            self._fresh.execute(_SQL["drop_request"], (number,))
            self._recorder.rows["batch"] -= 1
        self._fresh.execute(_SQL["count_members"])
        self._fresh.execute(_SQL["forget_batches"])


def _is_intact(row: Mapping[str, Value]) -> bool:
    return request_intact(str(row["request_id"]), str(row["endpoint"]), _bytes(row), _seal(row.get("seal")))


def _clean(row: Mapping[str, Value]) -> dict[str, Value]:
    """Keep bytes with frozen requests only, and the number of members within what is allowed until it is counted."""
    body = row["body"] if row["state"] == "frozen" else None
    members = row["members"]
    return {**row, "body": body, "members": members if isinstance(members, int) and 1 <= members <= 10 else 1}  # noqa: PLR2004 - batch_members


def _bytes(row: Mapping[str, Value]) -> bytes | None:
    body = row.get("body")
    return unpack(body) if isinstance(body, bytes) else None


def _seal(value: Value) -> int | None:
    return value if isinstance(value, int) else None
