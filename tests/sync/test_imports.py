"""How far an import is, as the agent tells it while it goes on."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from store_agent.api.catalog import catalog_routes
from store_agent.clock import SystemClock
from store_agent.domain.uploads import Kind, Pushed
from store_agent.errors import BadInput
from store_agent.storage.catalog.file import open_catalog
from store_agent.storage.employees import open_employees
from store_agent.sync.imports import Imports, Stage, kind_of
from store_agent.sync.shelves import Shelves


class Uploads:
    """Asks how far the import is when it hands over."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.imports: Any = None

    async def push(self, _: Kind) -> Pushed:
        app = FastAPI()
        app.include_router(catalog_routes(self.imports, self.imports, self.imports, SystemClock()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            self.answers.append((await client.get("/v1/catalog/importing")).json()["payload"]["imports"])
        return Pushed.OFF


@pytest.fixture
async def uploads(tmp_path: Path) -> AsyncIterator[Uploads]:
    shelves = Shelves(await open_catalog(tmp_path, SystemClock()), await open_employees(tmp_path, SystemClock()))
    made: Any = Uploads()
    made.imports = Imports(shelves, made)
    yield made
    await shelves.close()


async def test_an_import_tells_how_far_it_is_until_it_is_over(uploads: Uploads) -> None:
    await uploads.imports.take(Kind.CATALOG, b"item_id,name\n1,Apple\n2,Pear\n", "a test")
    (told,) = uploads.answers
    stage = told["upload_catalog"]
    assert stage["done"] == stage["total"] > 0
    await uploads.push(Kind.CATALOG)
    assert uploads.answers[-1] == {}


async def test_a_refused_import_is_over_as_well(uploads: Uploads) -> None:
    with pytest.raises(BadInput):
        await uploads.imports.take(Kind.CATALOG, b"nonsense", "a test")
    assert uploads.imports.stages == {}


async def test_nothing_is_told_of_numbers_while_the_file_is_read(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Stage] = []

    def look(_: object) -> None:
        seen.append(uploads.imports.stages[Kind.EMPLOYEES])
        raise BadInput("unreadable_file", "It is not read any further.")

    monkeypatch.setattr("store_agent.sync.imports.load_employees", look)
    with pytest.raises(BadInput):
        await uploads.imports.take(Kind.EMPLOYEES, b"", "a test")
    assert seen == [Stage(0, 0)]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("item_id,name\n1,employee_id\n", Kind.CATALOG),
        ("name,EMPLOYEE ID\n", Kind.EMPLOYEES),
        (json.dumps({"items": [{"item_id": '"employees": [', "name": "x"}]}), Kind.CATALOG),
        (json.dumps({"items": [], "employees": []}), Kind.CATALOG),
        (json.dumps({"description": '"items": [', "employees": []}), Kind.EMPLOYEES),
        (json.dumps([{"nodes": []}]), Kind.CATALOG),
        ("{}", Kind.CATALOG),
    ],
)
def test_a_file_says_by_its_content_what_it_is(content: str, kind: Kind) -> None:
    assert kind_of(content.encode()) is kind


def test_an_empty_file_says_nothing() -> None:
    with pytest.raises(BadInput, match="empty"):
        kind_of(b" \n")
