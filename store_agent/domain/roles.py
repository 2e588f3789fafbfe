"""What a caller may do."""

from enum import StrEnum


class Role(StrEnum):
    """Sell and look, or also change who may."""

    CASHIER = "cashier"
    MANAGER = "manager"
