"""A POS plugin in 40 lines: one sale with a loyalty guest, whatever line, platform and agent do meanwhile.

python pos_plugin.py http://127.0.0.1:8750 lane-1 TOKEN directory-for-kept-sales 5550100001
"""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from store_agent.client import AgentClient, AgentProblem


def reward(agent: AgentClient, sale: dict[str, Any], phone: str) -> None:
    """Name the guest in the sale, and take the first offer off its price."""
    found = agent.lookup(phone=phone, transaction=sale, allow_remembered=True)
    for guest in found.users[:1]:
        sale["payments"][0] |= {"user_id": guest.user_id, "user_id_type": "SessionM_ID"}
        for offer in guest.offers[:1]:
            discount = agent.lock(sale, user_offer_id=offer.reference_id).discount
            sale["discounts"].append(discount.raw)
            sale["subtotal"] -= discount.amount
            print(f"{guest.first_name} gets {discount.display_name}")


def sell(agent: AgentClient, phone: str) -> None:
    """Sell a coffee; the sale is safe before its receipt is printed."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    coffee = {"line_id": "1", "item_id": "1001", "quantity": 1, "unit_price": Decimal("9.50"), "tax_included": 0}
    coffee["subtotal"] = coffee["unit_price"]
    sale: dict[str, Any] = {"transaction_id": str(uuid4()), "pos_employee_id": "1000", "channel": "STORE"}
    sale |= {"open_time": now, "modified_time": now, "is_closed": False, "is_voided": False}
    sale |= {"items": [coffee], "subtotal": Decimal("9.50"), "tax_total": Decimal("0.70"), "discounts": []}
    sale["payments"] = [{"payment_id": "1", "type": "Cash", "payment_time": now, "amount": Decimal(0)}]
    try:
        reward(agent, sale, phone)
    except AgentProblem as problem:
        print(f"No reward: {problem}")
    sale["payments"][0]["amount"] = sale["subtotal"] + sale["tax_total"]
    agent.keep(sale | {"is_closed": True})
    taken = agent.flush().of(sale["transaction_id"])
    codes = [receipt.url for receipt in taken.receipts] if taken else ["(the agent gets the sale later)"]
    print("Paid", sale["payments"][0]["amount"], *codes)


if __name__ == "__main__":
    with AgentClient(*sys.argv[1:4], kept_in=Path(sys.argv[4])) as till:
        sell(till, phone=sys.argv[5])
