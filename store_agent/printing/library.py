"""python-escpos, the extra `printer`: loaded when the first stub is written for a printer."""

import json
import os
import pickle
import platform
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from store_agent.errors import Unavailable

_NOT_INSTALLED = (
    "Nothing can be written for receipt printers: python-escpos is not installed. Sales are not affected. Install it "
    "with: pip install --require-hashes -r requirements/printer.txt; then restart the agent."
)
_NOT_LOADED = (
    "Nothing can be written for receipt printers: python-escpos cannot be loaded ({problem}). Sales are not affected. "
    "It needs some room in the directory for temporary files."
)
_loading = Lock()

_CACHE = "ESCPOS_CAPABILITIES_PICKLE_DIR"


def new_printer() -> Any:
    """Make a printer of python-escpos that only gathers its bytes. Raises Unavailable with the cure."""
    with _loading:
        printer = _dummy()
    return printer()


@cache
def _dummy() -> Any:
    try:
        with tempfile.TemporaryDirectory(prefix="store-agent-") as directory:
            return _import(Path(directory))
    except ImportError:
        raise Unavailable(_NOT_INSTALLED) from None
    except OSError as problem:
        raise Unavailable(_NOT_LOADED.format(problem=problem)) from None


def _import(directory: Path) -> Any:
    """Import the library with its table of printers at hand in the form of its own cache.

    It reads that table, which is JSON, as YAML, which takes a second of the processor while sales are sold, and leaves
    its cache behind in a new directory at every start.
    """
    table = json.loads(files("escpos").joinpath("capabilities.json").read_bytes())
    (directory / f"{platform.python_version()}.capabilities.pickle").write_bytes(pickle.dumps(table))
    os.environ[_CACHE] = str(directory)
    try:
        from escpos.printer import Dummy  # noqa: PLC0415 - an extra, and slow to load
    finally:
        del os.environ[_CACHE]
    return Dummy
