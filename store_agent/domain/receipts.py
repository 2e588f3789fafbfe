"""Receipt codes: which a sale needs, and how they get into its text.

A guest who is not known yet claims the sale with the code printed on the receipt. One payment: one code for the
transaction (`guest_receipt_code`); several: one for each payment (`receipt_code`). None where the user is known or
the POS brought its own (SessionM POS API, Send Transaction API; its running text says `receipt_code` of the
transaction, its table `guest_receipt_code`, which is the one used). G8: minted once, the same ever after.

What was printed before stays good. `guest_receipt_code` is "the receipt code printed on the guest check" (Transaction
Object): once given, the code of the whole transaction stays in it, also when the sale is then paid by several payments,
which get theirs beside it. A code given to one of several payments that becomes the only one is that of the transaction
from then on. Where the guest of a transaction or of a payment is known by now, its code is not needed any more.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from store_agent.domain.payment_keys import payment_keys
from store_agent.domain.transaction import Place, Sale

WHOLE = ""
"""The payment key under which the code of a whole transaction is kept."""

_Slot = tuple[str, str | None, Place | None]


@dataclass(frozen=True, slots=True)
class Code:
    """A receipt code of a transaction; `payment` is WHOLE or the key of a payment."""

    payment: str
    code: str
    minted: bool

    def as_json(self, base_url: str | None) -> dict[str, str | None]:
        """Give the shape of the local API (DESIGN, section 6); the QR code opens the code behind `base_url`."""
        url = None if base_url is None else f"{base_url.rstrip('/')}/{self.code}"
        return {"payment_id": self.payment or None, "code": self.code, "url": url}


@dataclass(frozen=True, slots=True)
class Coded:
    """A sale's text with its codes in it, and the codes: all that stand on its receipts, and those to keep now.

    `retired` are those of before whose guest is known by now.
    """

    text: str
    codes: tuple[Code, ...]
    new: tuple[Code, ...]
    retired: tuple[Code, ...] = ()


def add_codes(sale: Sale, kept: Mapping[str, Code], mint: Callable[[], str] | None) -> Coded:
    """Give the sale its codes; `kept` are those of its transaction so far, by payment key.

    `mint` is called for each code that is missing; None means that receipts carry none. Voided sales get no new
    ones, since there is nothing to claim.
    """
    edits: list[tuple[Place, str]] = []
    codes: list[Code] = []
    known = {code.code: code for code in kept.values()}
    for payment, own, place in _slots(sale, kept):
        minted = own in known and known[own].minted
        if minted and _guest_known(sale, payment):  # the POS sends a code along that it was given before
            continue
        code = Code(payment, own, minted) if own else kept.get(payment)
        if code is None and mint and not sale.voided:
            code = Code(payment, mint(), minted=True)
        if code is None:
            continue
        codes.append(code)
        if own is None and place is not None:
            edits.append((place, code.code))
    new = {code.code: code for code in codes if code.code not in known}
    return Coded(spliced(sale.text, edits), tuple(codes), tuple(new.values()), _retired(sale, kept, codes))


def codes_ahead(names: Sequence[str], kept: Mapping[str, Code], mint: Callable[[], str]) -> tuple[Code, ...]:
    """Give the codes that a sale with payments of these ids will have, before it comes; `kept` as in `add_codes`."""
    payments = payment_keys(names)
    on_the_check = (WHOLE,) if WHOLE in kept else ()
    keys = (*on_the_check, *payments) if len(payments) > 1 else (_key_of_whole(payments, kept),)
    return tuple(kept.get(key) or Code(key, mint(), minted=True) for key in keys)


def may_be_claimed(sale: Sale, payment: str) -> bool:
    """Tell whether a guest could claim a sale that was taken before, or a payment of it, with a code."""
    return not sale.voided and not _guest_known(sale, payment)


def _slots(sale: Sale, kept: Mapping[str, Code]) -> list[_Slot]:
    """Every place of the sale that has a code or should have one: payment key, code of the POS, place."""
    if len(sale.payments) > 1:
        slots: list[_Slot] = [
            (payment.key, payment.code, payment.place)
            for payment in sale.payments
            if payment.code or not (payment.user_known or sale.user_known)
        ]
        on_the_check = sale.guest_code or (WHOLE in kept and _may_stand_on_the_check(sale, kept[WHOLE]))
        return [(WHOLE, sale.guest_code, sale.guest_place), *slots] if on_the_check else slots
    claimed = sale.user_known or any(payment.user_known or payment.code for payment in sale.payments)
    slots = [(payment.key, payment.code, payment.place) for payment in sale.payments if payment.code]
    if sale.guest_code or not claimed:
        key = WHOLE if sale.guest_code else _key_of_whole([payment.key for payment in sale.payments], kept)
        slots.append((key, sale.guest_code, sale.guest_place))
    return slots


def _may_stand_on_the_check(sale: Sale, code: Code) -> bool:
    """Tell whether the code of a guest check goes on with it: not if the POS gave it to one of the payments."""
    return not _guest_known(sale, WHOLE) and all(payment.code != code.code for payment in sale.payments)


def _key_of_whole(payments: Sequence[str], kept: Mapping[str, Code]) -> str:
    """Return the key of the code of a transaction with at most one payment."""
    return next((key for key in (WHOLE, *payments) if key in kept), WHOLE)


def _retired(sale: Sale, kept: Mapping[str, Code], codes: Sequence[Code]) -> tuple[Code, ...]:
    shown = {code.code for code in codes}
    return tuple(code for code in kept.values() if code.code not in shown and _guest_known(sale, code.payment))


def _guest_known(sale: Sale, payment: str) -> bool:
    """Tell whether the platform hears from the sale whose it is, or that payment of it."""
    known = [one.user_known for one in sale.payments if payment in (WHOLE, one.key)]
    return sale.user_known or (bool(known) and all(known))


def spliced(text: str, edits: list[tuple[Place, str]]) -> str:
    """Put texts, in quotes, into their places."""
    for place, code in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        text = f"{text[: place.start]}{place.lead}{json.dumps(code)}{text[place.end :]}"
    return text
