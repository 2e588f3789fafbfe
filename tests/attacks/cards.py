"""A card number in many places and encodings: refused, or masked, and in no file afterwards."""

import json
from collections.abc import Iterator
from typing import Any

from tests.acceptance.test_cards import numbers_in
from tests.attacks.attempt import Attempt
from tests.attacks.store import Store
from tests.support.cards import NUMBERS, TRACK_2, apart, escaped, in_script
from tests.support.sales import payment, sale

ATTACK = "card number"
NUMBER = NUMBERS["Mastercard"]
GROUPS = (4, 4, 4)


def _places() -> dict[str, str]:
    """Give sales as JSON, by where the number stands in them."""
    note = json.dumps(sale("card", note="NOTE"))
    texts = {
        "in a text": f'"paid with {NUMBER} today"',
        "as a number": NUMBER,
        "as a number with a fraction": f"{NUMBER}.00",
        "in groups with blanks": f'"{apart(NUMBER, GROUPS, " ")}"',
        "in groups with dashes": f'"{apart(NUMBER, GROUPS, "-")}"',
        "in groups with no-break blanks": f'"{apart(NUMBER, GROUPS, chr(0xA0))}"',
        "as escapes of JSON": f'"{escaped(NUMBER)}"',
        "in full-width digits": f'"{in_script(NUMBER, chr(0xFF10))}"',
        "in an array in an object": f'{{"a": [[{{"b": "{NUMBER}"}}]]}}',
        "as the name of a field": f'{{"{NUMBER}": 1}}',
        "in JSON in a text": json.dumps(json.dumps({"pan": NUMBER})),
    }
    return {how: note.replace('"NOTE"', text) for how, text in texts.items()} | _declared()


def _declared() -> dict[str, str]:
    """Give sales in which the field itself says what it is."""
    fields: dict[str, dict[str, Any]] = {
        "in a payment's card_number": {"card_number": NUMBER},
        "as track 2": {"reference": TRACK_2},
        "with a security code": {"cvv": "123"},
    }
    return {how: json.dumps(sale("card", payments=[payment("P1", **more)])) for how, more in fields.items()}


def cards(store: Store) -> Iterator[Attempt]:
    """Sell with the number in each place; then look through all files."""
    for how, text in _places().items():
        answer = store.agent.send(text)
        repeated = numbers_in(answer.content)
        yield Attempt(ATTACK, how, _told(answer.status_code, answer.json()), not repeated and answer.status_code < 500)
    found = [path.name for path in (*_files(store), store.agent.log) if numbers_in(path.read_bytes())]
    yield Attempt(ATTACK, "in database, journal, log afterwards", ", ".join(found) or "nothing", not found)
    account = json.dumps(store.platform.account(bodies=True))
    yield Attempt(ATTACK, "at the platform afterwards", "nothing", not numbers_in(account.encode()))


def _files(store: Store) -> Iterator[Any]:
    return (path for path in (store.agent.directory / "data").rglob("*") if path.is_file())


def _told(status: int, answer: dict[str, Any]) -> str:
    if status != 200:
        return f"{status} {answer['errors']['code']}"
    warnings = {warning.get("code") for warning in answer["payload"].get("warnings") or ()}
    return " ".join(["200", *sorted(map(str, warnings))])
