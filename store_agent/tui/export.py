"""Writes sales into a file of the person's choice, one JSON object a line."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from store_agent.errors import CannotCreate
from store_agent.tui.words import count


async def write_sales(sales: Sequence[dict[str, Any]], path: Path) -> str:
    """Write a new file that only its owner can read; gives what to say. Raises CannotCreate."""
    try:
        await asyncio.to_thread(_write, sales, path)
    except OSError as error:
        raise CannotCreate(f"{path} cannot be written ({error.strerror}); nothing was exported.") from None
    return f"{count(len(sales), 'sale was', 'sales were')} written to {path}."


def _write(sales: Sequence[dict[str, Any]], path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(sale) + "\n" for sale in sales)
    except OSError:
        path.unlink(missing_ok=True)
        raise
