"""A text that is not as it was stored never goes out."""

from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.errors import Damaged
from store_agent.storage import outbox as outbox_module
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.seal import Facts, seal_of_sale
from tests.support.arrivals import arrival, assemble
from tests.support.texts import changed, know_texts

CLOCK = SystemClock()
CHANGES = [
    changed("payload", "1000", "1001"),
    "UPDATE revision SET alone = 1",
    "UPDATE revision SET codes = replace(codes, 'code', 'cede')",
    "DELETE FROM payload",
]


async def _sold(database: Database, change: str) -> Outbox:
    await Intake(database, CLOCK, lambda: "code-1").accept([arrival(forwarded='"culture": "de"')])
    await database.write(lambda raw: know_texts(raw).execute(change).rowcount)
    return Outbox(database, CLOCK)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_damaged_sale_is_not_frozen_G13(database: Database, change: str) -> None:
    outbox = await _sold(database, change)
    with pytest.raises(Damaged, match="not sent"):
        await outbox.freeze(1, BatchLimits(), assemble)
    assert (await outbox.books()).by_state["frozen"].revisions == 0  # type: ignore[index] # a State is its text


@pytest.mark.parametrize("change", CHANGES[:3])
async def test_without_seals_a_damaged_sale_would_go_out_G13(
    database: Database, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = await _sold(database, change)
    monkeypatch.setattr(outbox_module, "sale_intact", lambda *_: True)
    assert len(await outbox.freeze(1, BatchLimits(), assemble)) == 1


async def test_a_damaged_request_is_not_sent_again_G3_G13(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = await _sold(database, "UPDATE payload SET body = body")
    (batch,) = await outbox.freeze(1, BatchLimits(), assemble)
    assert await outbox.body(batch.number) == batch.body
    raw = sqlite.connect(str(tmp_path / "data" / "store-agent.db"), isolation_level=None)
    raw.execute("DROP TRIGGER batch_bytes_are_frozen")
    know_texts(raw).execute(changed("batch", "1000", "1001"))
    raw.close()
    with pytest.raises(Damaged, match="not sent"):
        await outbox.body(batch.number)
    monkeypatch.setattr(outbox_module, "request_intact", lambda *_: True)
    assert await outbox.body(batch.number) != batch.body


async def test_a_text_that_cannot_even_be_unpacked_is_damage_to_whoever_asks_for_it_G13(database: Database) -> None:
    outbox = await _sold(database, "UPDATE payload SET body = body")
    shown = await outbox.show(1)
    assert shown is not None
    assert shown.payload is not None
    await database.write(lambda raw: raw.execute("UPDATE payload SET body = substr(body, 1, 20)").rowcount)
    with pytest.raises(Damaged, match="sale 1 is damaged"):
        await outbox.show(1)
    with pytest.raises(Damaged, match="not sent"):
        await outbox.freeze(1, BatchLimits(), assemble)


async def test_rows_from_before_seals_go_out_as_before(database: Database) -> None:
    outbox = await _sold(database, "UPDATE payload SET seal = NULL")
    assert len(await outbox.freeze(1, BatchLimits(), assemble)) == 1


@pytest.mark.parametrize("place", range(len(Facts._fields)))
def test_a_seal_covers_every_fact(place: int) -> None:
    facts = Facts(1, "T-1", "lane-1", b"\0" * 32, '"culture": "de"', 0, 100, None, "unlock", "T-3")
    others = (2, "T-2", "lane-2", b"\1" * 32, "", 1, None, "[]", "reinstate", None)
    changed = facts._replace(**{Facts._fields[place]: others[place]})  # type: ignore[arg-type] # one of each kind
    assert seal_of_sale(facts, b"{}") != seal_of_sale(changed, b"{}")
