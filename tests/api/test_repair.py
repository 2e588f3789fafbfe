"""The manager repairs the queue: each deed is named, audited, told, and done to exactly the sales that fit."""

from typing import Any

import pytest

from store_agent.domain.events import Event
from store_agent.domain.settle import Deliver, Park
from store_agent.errors import StorageFailure
from store_agent.storage import repair, revisions
from store_agent.storage.database import Database
from tests.support.served import Served

DELIVER = Deliver("")
PARK = Park("Item 4711 is unknown.", "")
ACTIONS = ["retry", "hold", "release", "discard", "drain"]


def events(served: Served) -> list[Event]:
    return [told.event for told in served.hub._kept]


async def test_a_refused_sale_that_is_retried_waits_again_and_the_drain_is_woken(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(PARK)
    done = await served.do("/v1/outbox/retry", sequences=[1], reason="item added")
    assert done == {"done": 1, "not_done": 0, "results": [{"sequence": 1, "state": "waiting", "problem": None}]}
    assert served.line.woken == 1


async def test_an_older_state_retried_after_a_newer_one_was_delivered_ends_superseded_G4(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(PARK)
    await served.sell("T-1")
    await served.answer(DELIVER)
    done = await served.do("/v1/outbox/retry", sequences=[1])
    assert done["results"] == [{"sequence": 1, "state": "superseded", "problem": None}]
    assert await served.states() == ["superseded", "delivered"]


async def test_sales_are_held_and_released(served: Served) -> None:
    await served.sell("T-1", "T-2")
    await served.do("/v1/outbox/hold", sequences=[2])
    await served.answer(DELIVER)
    assert await served.states() == ["delivered", "held"]
    await served.do("/v1/outbox/release", sequences=[2])
    assert await served.states() == ["delivered", "waiting"]


async def test_a_sale_is_discarded_by_a_person_with_a_reason_G2(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(PARK)
    await served.do("/v1/outbox/discard", sequences=[1], reason="training")
    assert await served.states() == ["discarded"]
    (entry,) = (await served.ask("/v1/audit"))["entries"]
    assert (entry["who"], entry["action"], entry["sequence"], entry["reason"]) == ("Ada", "discard", 1, "training")
    assert (await served.ask("/v1/status"))["outbox"]["balanced"]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}])
async def test_nothing_is_discarded_without_a_reason_G2(served: Served, body: dict[str, str]) -> None:
    await served.sell("T-1")
    await served.answer(PARK)
    errors = await served.refused("/v1/outbox/discard", 400, sequences=[1], **body)
    assert [field["path"] for field in errors["fields"]] == ["reason"]
    assert await served.states() == ["parked"]


async def test_a_sale_is_never_discarded_by_filters(served: Served) -> None:
    errors = await served.refused("/v1/outbox/discard", 400, reason="all of it", all={})
    assert {field["path"] for field in errors["fields"]} == {"sequences", "all"}


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_cashier_changes_nothing_G15(served: Served, action: str) -> None:
    await served.sell("T-1")
    answer = await served.cashier.post(f"/v1/outbox/{action}", json={"by": "Ada", "reason": "x", "sequences": [1]})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (403, "forbidden")
    assert await served.states() == ["waiting"]
    assert (await served.ask("/v1/audit"))["entries"] == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "by"),
        ({"by": ""}, "by"),
        ({"by": "   "}, "by"),
        ({"by": "x" * 101}, "by"),
        ({"by": "Ada\nBob"}, "by"),
        ({"by": "\x1b[2J"}, "by"),
        ({"by": 5}, "by"),
        ({"by": "Ada", "reason": "x" * 501}, "reason"),
        ({"by": "Ada", "sequences": []}, "sequences"),
        ({"by": "Ada", "sequences": list(range(1, 1_002))}, "sequences"),
        ({"by": "Ada", "sequences": [0]}, "sequences.0"),
        ({"by": "Ada", "sequences": [1, True]}, "sequences.1"),
        ({"by": "Ada", "sequences": [2**63]}, "sequences.0"),
        ({"by": "Ada", "sequences": ["1"]}, "sequences.0"),
        ({"by": "Ada", "sequences": [1], "all": {}}, "sequences"),
        ({"by": "Ada"}, "sequences"),
        ({"by": "Ada", "all": {"state": "parked"}}, "all.state"),
        ({"by": "Ada", "all": {"text": ""}}, "all.text"),
        ({"by": "Ada", "sequences": [1], "everything": True}, "everything"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_by_field(served: Served, body: dict[str, Any], path: str) -> None:
    body = {"sequences": [1]} | body if "by" not in body or body["by"] != "Ada" else body
    answer = await served.manager.post("/v1/outbox/hold", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"][0]["path"] == path


@pytest.mark.parametrize("body", [b"", b"{", b'{"by": "\\ud800", "sequences": [1]}', b"[1]"])
async def test_a_body_that_is_none_is_refused(served: Served, body: bytes) -> None:
    answer = await served.manager.post("/v1/outbox/hold", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (400, "invalid_field")


async def test_what_fits_is_done_and_the_rest_is_explained(served: Served) -> None:
    await served.sell("T-1", "T-2")
    await served.answer(DELIVER)
    await served.sell("T-3")
    done = await served.do("/v1/outbox/hold", sequences=[3, 1, 3, 99])
    assert (done["done"], done["not_done"]) == (1, 2)
    problems = {result["sequence"]: result["problem"] for result in done["results"]}
    assert "at the platform already" in problems[1]
    assert "no such sale" in problems[99]
    assert problems[3] is None


async def test_if_nothing_fits_the_whole_request_is_refused_with_the_reasons(served: Served) -> None:
    await served.sell("T-1")
    errors = await served.refused("/v1/outbox/retry", 409, sequences=[99, 1])
    assert errors["code"] == "not_possible"
    assert "Nothing was done. Sale 99: There is no such sale. 1 other sale" in errors["message"]
    assert [field["path"] for field in errors["fields"]] == ["sequences.0", "sequences.1"]
    assert served.line.woken == 0
    assert (await served.ask("/v1/audit"))["entries"] == []


async def test_a_single_unknown_sale_is_not_found(served: Served) -> None:
    assert (await served.refused("/v1/outbox/release", 404, sequences=[99]))["code"] == "unknown_sequence"


async def test_everything_that_matches_is_repaired_part_by_part(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a million: several pages of several scans, no sale left out and none taken twice."""
    monkeypatch.setattr(revisions, "SCAN_MAX", 10)
    monkeypatch.setattr("store_agent.api.mender.REPAIR_MAX", 4)
    monkeypatch.setattr("store_agent.api.mender.RESULTS_MAX", 5)
    await served.sell(*(f"{'wanted' if number % 3 == 0 else 'other'}-{number}" for number in range(99)))
    await served.answer(PARK)
    done = await served.do("/v1/outbox/retry", all={"text": "wanted"}, reason="items added")
    assert (done["done"], done["not_done"], len(done["results"])) == (33, 0, 5)
    assert (await served.states()).count("waiting") == 33
    assert len((await served.ask("/v1/audit", limit=1000))["entries"]) == 33
    again = await served.do("/v1/outbox/retry", all={"text": "wanted"})
    assert again == {"done": 0, "not_done": 0, "results": []}


async def test_filters_of_a_repair_are_those_of_the_list(served: Served) -> None:
    await served.sell("Old")
    served.clock.ahead = 86_400.0
    await served.sell("New")
    await served.do("/v1/outbox/hold", all={"older_than_seconds": 3_600, "terminal": "lane-1"})
    assert await served.states() == ["held", "waiting"]


async def test_what_was_done_before_the_database_failed_is_told_and_sent(
    served: Served, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.api.mender.REPAIR_MAX", 2)
    await served.sell("T-1", "T-2", "T-3")
    write, commits = database.write, []

    async def fail_later(work: Any) -> Any:
        commits.append(work)
        if len(commits) > 1:
            raise StorageFailure("The disk does not answer.")
        return await write(work)

    monkeypatch.setattr(database, "write", fail_later)
    errors = await served.refused("/v1/outbox/hold", 503, all={})
    assert errors["code"] == "unfinished"
    assert "2 sales were done" in errors["message"]
    assert await served.states() == ["held", "held", "waiting"]
    assert (served.line.woken, events(served)[0].details["done"]) == (2, 2), "the part in doubt wakes it, too"
    errors = await served.refused("/v1/outbox/release", 503, sequences=[1])
    assert "nothing was changed" in errors["message"]


async def test_draining_now_is_audited_and_sends_what_a_wrong_configuration_refused(served: Served) -> None:
    (sequence,) = await served.sell("T-1")
    await served.answer(Park("Unknown store.", "", burst=(sequence,)))
    done = await served.do("/v1/outbox/drain", reason="store number corrected")
    assert done["refused_sent_again"] == 1
    assert "The line is tried now" in done["words"]
    assert "1 refused sale goes again" in done["words"]
    assert served.line.resumed == 1
    assert await served.states() == ["waiting"]
    (entry,) = (await served.ask("/v1/audit"))["entries"]
    assert (entry["action"], entry["sequence"], entry["reason"]) == ("drain", None, "store number corrected")


async def test_repairs_are_told_once_a_call_without_the_reason(served: Served) -> None:
    await served.sell("T-1", "T-2")
    await served.do("/v1/outbox/hold", sequences=[1, 2], reason="private")
    await served.do("/v1/outbox/drain", reason="private")
    held, drained = events(served)
    assert held == Event(
        "queue.repaired", "2 sales are held back, asked for by Ada.", {"action": "hold", "who": "Ada", "done": 2}
    )
    assert drained.details == {"action": "drain", "who": "Ada", "done": 0}


async def test_the_audit_is_read_page_by_page_newest_first(served: Served) -> None:
    await served.sell(*(f"T-{number}" for number in range(5)))
    await served.do("/v1/outbox/hold", all={})
    first = await served.ask("/v1/audit", limit=3)
    assert [entry["sequence"] for entry in first["entries"]] == [5, 4, 3]
    rest = await served.ask("/v1/audit", limit=3, before=first["next_before"])
    assert [entry["sequence"] for entry in rest["entries"]] == [2, 1]
    assert rest["next_before"] is None
    assert abs(rest["entries"][0]["at"] - served.clock.wall()) < 60


async def test_the_audit_is_the_manager_s_and_has_bounds_G15(served: Served) -> None:
    assert (await served.cashier.get("/v1/audit")).status_code == 403
    for parameters in ({"limit": 0}, {"limit": 1001}, {"before": 0}):
        assert (await served.manager.get("/v1/audit", params=parameters)).status_code == 400


async def test_addresses_of_deeds_and_sales_are_not_mixed_up(served: Served) -> None:
    await served.sell("T-1")
    asked = await served.manager.get("/v1/outbox/retry")
    assert (asked.status_code, asked.headers["allow"]) == (405, "POST")
    wrong = await served.manager.post("/v1/outbox/1", json={"by": "Ada"})
    assert (wrong.status_code, wrong.json()["errors"]["code"]) == (405, "method")
    assert (await served.manager.post("/v1/outbox/lose", json={"by": "Ada"})).status_code == 405


async def test_every_deed_is_described_with_its_refusals(served: Served) -> None:
    document = (await served.cashier.get("/openapi.json")).json()
    for action in ACTIONS:
        described = document["paths"][f"/v1/outbox/{action}"]["post"]
        assert described["summary"]
        assert {"200", "400", "403", "405"} <= set(described["responses"])
        assert "422" not in described["responses"]
    assert set(document["components"]["schemas"]["Choosing"]["properties"]) == {"by", "reason", "sequences", "all"}


def test_a_part_of_a_repair_fits_into_one_commit() -> None:
    assert repair.REPAIR_MAX <= revisions.PAGE_MAX
