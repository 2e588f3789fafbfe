"""Files that come in pieces as small as one character, as if all were large."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from store_agent.files import json_stream


@contextmanager
def pieces_of(characters: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "PIECE_CHARACTERS", characters)
        yield
