"""The last catalog and the last employees that a store uploaded ("SessionM POS API, Metadata")."""

from typing import Any

from store_agent.errors import BadInput, FieldError

_EMPLOYEE = ("employee_id", "first_name", "last_name")


class Uploads:
    """Keeps the last payload of each kind; an upload replaces the one before."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, Any] | None] = {"catalog": None, "employees": None}

    def catalog(self, payload: dict[str, Any]) -> None:
        """Take items and categories, mixed in one list. Raises `BadInput`."""
        for index, row in enumerate(_rows(payload, "items")):
            identity = "category_id" if "category_id" in row else "item_id"
            _require(row, (identity, "name"), f"request_payload.items.{index}")
        self._last["catalog"] = payload

    def employees(self, payload: dict[str, Any]) -> None:
        """Take the store's employees. Raises `BadInput`."""
        for index, row in enumerate(_rows(payload, "employees")):
            _require(row, _EMPLOYEE, f"request_payload.employees.{index}")
        self._last["employees"] = payload

    def as_json(self) -> dict[str, dict[str, Any] | None]:
        """Render `{"catalog": payload or null, "employees": payload or null}`."""
        return dict(self._last)


def _rows(payload: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = payload.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong(f"request_payload.{name}", "a list of objects is required")
    return rows


def _require(row: dict[str, Any], names: tuple[str, ...], path: str) -> None:
    for name in names:
        if not isinstance(row.get(name), str) or not row[name]:
            raise _wrong(f"{path}.{name}", "a text is required")


def _wrong(path: str, words: str) -> BadInput:
    return BadInput("invalid_payload", f"{path}: {words}", fields=(FieldError(path, words),))
