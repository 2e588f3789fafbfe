"""Where libfaketime is, which lies to a whole process about the time."""

import os
from pathlib import Path


def faketime_library() -> str:
    """Find libfaketime in its variant for threads; empty if it is not here. LIBFAKETIME names it elsewhere."""
    usual = (str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return os.environ.get("LIBFAKETIME") or next(usual, "")
