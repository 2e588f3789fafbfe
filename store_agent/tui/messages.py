"""What the feed tells the app."""

from typing import Any

from textual.message import Message

Json = dict[str, Any]


class Found(Message):
    """The agent answers; `me` tells who it takes this screen for."""

    def __init__(self, me: Json) -> None:
        super().__init__()
        self.me = me


class Seen(Message):
    """The status as it is now, and what happened since the last one, oldest first."""

    def __init__(self, status: Json, events: list[Json]) -> None:
        super().__init__()
        self.status = status
        self.events = events


class Lost(Message):
    """Nobody answers; `words` say why. It is tried again."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class NotLetIn(Message):
    """The agent does not know this name and token."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
