"""A disk that always has room."""

from store_agent.domain.space import Outlook, Room


class Roomy:
    """A disk with as much room as a test wants."""

    words = ""
    room = Room.PLENTY
    free = 10**9
    reserved = 0
    outlook = Outlook(100_000, None)

    def admit(self, _: int) -> bool:
        return True
