"""What became of the last upload is told beside the version, whatever else waits."""

import pytest

from store_agent.domain.lifecycle import State
from store_agent.domain.settle import Deliver, Park
from store_agent.domain.uploads import Kind
from store_agent.storage.queries import load
from tests.support.agent import AgentProcess
from tests.support.served import Served

PATHS = {Kind.CATALOG: "/v1/catalog", Kind.EMPLOYEES: "/v1/employees"}


@pytest.mark.parametrize("kind", Kind)
async def test_the_newest_upload_of_a_kind_is_told_in_every_state(served: Served, kind: Kind) -> None:
    async def told() -> tuple[int, str, str | None]:
        upload = (await served.ask(PATHS[kind]))["upload"]
        assert (upload["settled_at"] is None) == (upload["state"] in ("waiting", "frozen", "held"))
        assert abs(upload["accepted_at"] - served.clock.wall()) < 60
        return upload["sequence"], upload["state"], upload["error"]

    assert (await served.ask(PATHS[kind]))["upload"] is None
    first = await served.uploads.put(kind, '{"one": 1}', again=False)
    assert await told() == (first, "waiting", None)
    await served.do("/v1/outbox/hold", sequences=[first])
    assert await told() == (first, "held", None)
    await served.do("/v1/outbox/release", sequences=[first])
    await served.answer(Park("Item 7 has no name.", ""))
    assert await told() == (first, "parked", "Item 7 has no name.")
    await served.do("/v1/outbox/discard", sequences=[first], reason="wrong file")
    assert await told() == (first, "discarded", "Item 7 has no name.")
    second = await served.uploads.put(kind, '{"two": 2}', again=False)
    await served.sell("T-1")
    assert await told() == (second, "waiting", None)
    await served.answer(Deliver("{}"))
    assert await told() == (second, "delivered", None)


async def test_the_other_kind_and_sales_do_not_matter(served: Served) -> None:
    await served.sell("upload_catalog")
    await served.uploads.put(Kind.EMPLOYEES, "{}", again=False)
    assert (await served.ask("/v1/catalog"))["upload"] is None
    assert (await served.ask("/v1/employees"))["upload"]["state"] == State.WAITING


async def test_it_costs_the_same_at_any_size_of_the_queue(served: Served) -> None:
    asked = "EXPLAIN QUERY PLAN " + load("uploads")["last"]
    plan = await served.database.read(lambda raw: [row[3] for row in raw.execute(asked, ("k",)).fetchall()])
    assert plan == ["SEARCH revision USING INDEX revision_by_transaction (transaction_id=?)"]


def test_the_command_says_it_in_words(agent: AgentProcess) -> None:
    file = agent.directory / "items.csv"
    file.write_text("item_id,name\n4711,Apple juice\n")
    assert "last upload" not in agent.cli("catalog", "show").stdout
    assert agent.cli("catalog", "import", str(file)).returncode == 0
    agent.wait_for_outbox(delivered=1)
    assert "The last upload (1) arrived at the platform on " in agent.cli("catalog", "show").stdout
    assert agent.cli_json("catalog", "show")["upload"]["state"] == "delivered"
