"""How loud an event is in the log: whoever watches many stores looks at warnings and errors."""

import logging

WARNINGS = frozenset(
    {
        "backup.failed",
        "caller.refused",
        "card_data.masked",
        "card_data.refused",
        "import.failed",
        "journal.pinned",
        "link.backing_off",
        "offer.not_taken_back",
        "print.given_up",
        "printer.trouble",
        "sale.parked",
        "space.low",
        "space.shed",
        "space.thinned",
        "upload.too_large",
    }
)
"""Somebody should know; the agent goes on by itself, or only a part of what it does is concerned."""

ERRORS = frozenset({"configuration.refused", "link.halted", "space.full"})
"""Somebody has to do something: sales are refused, or not sent, until then."""


def level_of(event: str) -> int:
    """Give the level of an event (docs/events.md) by its name; the others are good news, or somebody's own deed."""
    if event in ERRORS:
        return logging.ERROR
    return logging.WARNING if event in WARNINGS else logging.INFO
