"""The stub of a receipt, for whoever draws or prints it."""

from store_agent.errors import BadInput
from store_agent.printing.layout import Slip, receipt_slip
from store_agent.storage.receipts import Receipt

_NO_ADDRESS = (
    "There is no QR code without an address to open: receipts.base_url is not set. Sales are not affected. Set it in "
    "the configuration and restart the agent."
)


_GUEST_KNOWN = (
    "The guest of this sale is known by now, so there is no code to hand out: it would be worth nothing. Sales are not "
    "affected."
)


def slip_of(receipt: Receipt, base_url: str | None, caption: str) -> Slip:
    """Lay a receipt out. Raises BadInput `guest_known` or `no_address` (409).

    A code whose guest became known later is not handed out any more (SessionM POS API, Send Transaction: no QR code for
    known users).
    """
    if receipt.retired:
        raise BadInput("guest_known", _GUEST_KNOWN, status=409)
    shown = receipt.code.as_json(base_url)
    url = shown["url"]
    if url is None:
        raise BadInput("no_address", _NO_ADDRESS, status=409)
    return receipt_slip(receipt.transaction_id, shown["payment_id"], receipt.code.code, url, caption)
