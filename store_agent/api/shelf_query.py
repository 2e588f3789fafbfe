"""What callers may ask of catalog and employees."""

from typing import Annotated

from fastapi import Path, Query

_LARGEST = 2**31 - 1

Words = Annotated[str, Query(min_length=1, max_length=256, description="Words in any order, each may be a beginning")]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int, Query(ge=0, le=_LARGEST)]
Number = Annotated[int, Path(ge=1, le=_LARGEST)]
