"""A catalog, or a list of employees, that was never filled."""


class BareShelf:
    trouble: str | None = None

    def current(self) -> None:
        return None
