"""Point accounts: what each guest has, and every change of it."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock
from store_agent.errors import BadInput
from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.world.refusals import declined, unknown
from store_agent.sandbox.world.stamp import fine

Amount = int | float


@dataclass(frozen=True, slots=True)
class PointAccount:
    """A kind of points. `label`: what groups accounts of several programs."""

    account_id: str
    name: str
    label: str


SPEND = PointAccount("0b7cbe4e-52ad-4f0e-8a2c-51f1f7c6a001", "Spendable points", "spend")
TIER = PointAccount("0b7cbe4e-52ad-4f0e-8a2c-51f1f7c6a002", "Tier points", "tier")
ACCOUNTS = (SPEND, TIER)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a guest has on one account. `lifetime`: everything that ever came in."""

    available: Amount = 0
    lifetime: Amount = 0

    def plus(self, other: "Balance") -> "Balance":
        """Add two balances."""
        return Balance(self.available + other.available, self.lifetime + other.lifetime)


@dataclass(frozen=True, slots=True)
class Posting:
    """What a caller wants: `amount` points on an account of a guest, with the caller's own references."""

    user_id: str
    account: PointAccount
    amount: Amount
    reference: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the audit log. `kind`: deposit, spend or return. `available`: what was there afterwards."""

    change_id: str
    at: float
    kind: str
    posting: Posting
    available: Amount

    def as_json(self) -> dict[str, Any]:
        """Render as a row of the audit log."""
        return {
            "id": self.change_id,
            "user_id": self.posting.user_id,
            "point_account_id": self.posting.account.account_id,
            "account_name": self.posting.account.name,
            "modification_type": self.kind,
            "amount": self.posting.amount,
            "available_balance": self.available,
            "time_of_occurrence": fine(self.at),
            **self.posting.reference,
        }


class Points:
    """Balances and their history. A guest without entries has nothing on any account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._balances = {(guest.user_id, SPEND): Balance(guest.points, guest.points) for guest in GUESTS}
        self._balances |= {(guest.user_id, TIER): Balance(guest.points // 2, guest.points // 2) for guest in GUESTS}
        self._log: list[Change] = []

    def balance(self, user_id: str, account: PointAccount = SPEND) -> Balance:
        """Give what a guest has on an account."""
        return self._balances.get((user_id, account), Balance())

    def deposit(self, posting: Posting) -> Change:
        """Add points."""
        return self._enter("deposit", posting, Balance(posting.amount, posting.amount))

    def give_back(self, posting: Posting) -> Change:
        """Put points back that were spent."""
        return self._enter("return", posting, Balance(posting.amount, 0))

    def spend(self, posting: Posting, *, force: bool = False) -> Change:
        """Take points away. Raises `BadInput` insufficient_points, unless `force` allows a debt."""
        had = self.balance(posting.user_id, posting.account)
        if had.available < posting.amount and not force:
            words = f"{posting.amount} points are to be spent, {had.available} are there"
            raise declined("insufficient_points", words)
        return self._enter("spend", posting, Balance(-posting.amount, 0))

    def log(self, user_id: str) -> list[Change]:
        """List a guest's changes, newest first."""
        return [change for change in reversed(self._log) if change.posting.user_id == user_id]

    def transfer(self, source: str, target: str) -> None:
        """Give everything of one guest to another, when accounts are merged."""
        for account in ACCOUNTS:
            gone = self._balances.pop((source, account), Balance())
            self._balances[target, account] = self.balance(target, account).plus(gone)

    @contextmanager
    def all_or_nothing(self, user_id: str) -> Iterator[None]:
        """Take back what was done to one guest's points in the block when it ends in a `BadInput`."""
        length, balances = len(self._log), {account: self.balance(user_id, account) for account in ACCOUNTS}
        try:
            yield
        except BadInput:
            del self._log[length:]
            self._balances |= {(user_id, account): balance for account, balance in balances.items()}
            raise

    def details(self, user_id: str, accounts: Iterable[PointAccount] = ACCOUNTS) -> list[dict[str, Any]]:
        """Render a guest's accounts as recorded answers do."""
        return [
            {
                "account_name": account.name,
                "user_point_account_id": "",
                "point_account_id": account.account_id,
                "grouping_label": account.label,
                "available_balance": self.balance(user_id, account).available,
                "life_time_value": self.balance(user_id, account).lifetime,
            }
            for account in accounts
        ]

    def _enter(self, kind: str, posting: Posting, difference: Balance) -> Change:
        after = self.balance(posting.user_id, posting.account).plus(difference)
        self._balances[posting.user_id, posting.account] = after
        change = Change(str(uuid.uuid4()), self._clock.wall(), kind, posting, after.available)
        self._log.append(change)
        return change


def account_of(account_id: Any) -> PointAccount:
    """Find a point account; no id means the spendable one. Raises `BadInput` point_account_not_found."""
    if account_id in (None, ""):
        return SPEND
    for account in ACCOUNTS:
        if account.account_id == account_id:
            return account
    raise unknown("point_account_not_found", f"There is no point account {account_id}")
