"""Sales are given out with their texts to the manager, each noted in the audit first."""

import json
from typing import Any

import pytest

from store_agent.storage import exports
from tests.support.arrivals import arrival
from tests.support.served import Served


async def audited(served: Served) -> list[tuple[Any, ...]]:
    entries = (await served.ask("/v1/audit"))["entries"]
    return [(entry["action"], entry["who"], entry["sequence"], entry["reason"]) for entry in reversed(entries)]


async def test_sales_are_given_out_as_they_are_shown_and_noted_each(served: Served) -> None:
    await served.sell("T-1", "T-2", "T-3")
    done = await served.do("/v1/outbox/export", sequences=[3, 1, 3], reason="for the platform's people")
    assert done == {"sales": [await served.ask("/v1/outbox/3"), await served.ask("/v1/outbox/1")]}
    assert json.loads(done["sales"][0]["payload"])["transaction_id"] == "T-3"
    assert [entry["action"] for entry in done["sales"][0]["history"]] == ["export"]
    assert await audited(served) == [
        ("export", "Ada", 3, "for the platform's people"),
        ("export", "Ada", 1, "for the platform's people"),
    ]


async def test_nothing_changes_for_the_sales(served: Served) -> None:
    await served.sell("T-1")
    await served.do("/v1/outbox/export", sequences=[1])
    assert await served.states() == ["waiting"]
    assert served.line.woken == 0


async def test_one_that_is_not_there_keeps_all_in_and_nothing_is_noted(served: Served) -> None:
    await served.sell("T-1")
    errors = await served.refused("/v1/outbox/export", 404, sequences=[1, 7, 9])
    assert (errors["code"], errors["message"]) == (
        "unknown_sequence",
        "2 of these sales do not exist; nothing was exported. First: There is no sale with sequence 7.",
    )
    assert [field["path"] for field in errors["fields"]] == ["sequences.1", "sequences.2"]
    assert await audited(served) == []


async def test_too_much_at_a_time_is_refused_with_what_to_do(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORT_BYTES_MAX", 1_000)
    for name in ("T-1", "T-2"):
        await served.intake.accept([arrival(name, note="x" * 200)])
    errors = await served.refused("/v1/outbox/export", 413, sequences=[1, 2])
    assert errors["code"] == "too_large"
    assert errors["message"].endswith("nothing was exported. Ask for fewer at a time.")
    assert await audited(served) == []
    assert len((await served.do("/v1/outbox/export", sequences=[1]))["sales"]) == 1
    await served.intake.accept([arrival("T-3", note="x" * 2_000)])
    errors = await served.refused("/v1/outbox/export", 413, sequences=[3, 3])
    assert errors["message"].endswith("This one can only be looked at: /v1/outbox/3.")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"by": "Ada"}, "sequences"),
        ({"by": "Ada", "sequences": []}, "sequences"),
        ({"by": "Ada", "sequences": list(range(1, 1_002))}, "sequences"),
        ({"by": "Ada", "sequences": [0]}, "sequences.0"),
        ({"sequences": [1]}, "by"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_by_field(served: Served, body: dict[str, Any], path: str) -> None:
    answer = await served.manager.post("/v1/outbox/export", json=body)
    assert (answer.status_code, answer.json()["errors"]["fields"][0]["path"]) == (400, path)


async def test_a_till_cannot_take_sales_out(served: Served) -> None:
    await served.sell("T-1")
    answer = await served.cashier.post("/v1/outbox/export", json={"by": "Ada", "sequences": [1]})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (403, "forbidden")
    assert await audited(served) == []
