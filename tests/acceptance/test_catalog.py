"""Catalog and employees: in by file or call, searched, and in step at the platform whatever happens meanwhile."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess

V3 = Path(__file__).parents[1] / "data" / "catalog" / "v3.json"


def items(count: int, name: str = "Item") -> list[dict[str, Any]]:
    return [{"item_id": f"{number}", "name": f"{name} {number}", "is_modifier": False} for number in range(count)]


def upload(agent: AgentProcess, payload: dict[str, Any], call: str = "upload_catalog") -> httpx.Response:
    return agent.post(call, json.dumps({"request_payload": payload}))


def uploads(platform: SandboxServer, call: str = "upload_catalog") -> list[dict[str, Any]]:
    """Give the payloads that the platform accepted, in order."""
    done = [
        one for one in platform.account(bodies=True)["requests"] if one["endpoint"] == call and one["status"] == 200
    ]
    return [json.loads(one["body"])["request_payload"] for one in done]


def test_a_file_comes_in_is_found_and_the_platform_has_exactly_its_last_state(
    agent: AgentProcess, platform: SandboxServer, tmp_path: Path
) -> None:
    done = agent.cli("catalog", "import", str(V3))
    assert done.returncode == 0, done.stderr
    first = agent.cli_json("catalog", "show")["version"]
    assert first["counts"]["items"] > 0
    agent.wait_for_outbox(delivered=1, waiting=0, frozen=0)
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps({"items": items(3, "Éclair au café")}), encoding="utf-8")
    told = agent.cli_json("catalog", "import", str(changed))
    assert (told["version"], told["changed"], told["added"]) == (first["version"] + 1, True, 3)
    agent.wait_for_outbox(delivered=2, waiting=0, frozen=0)
    assert uploads(platform)[-1] == {"items": items(3, "Éclair au café")}
    found = agent.cli_json("catalog", "search", "cafe", "ecl")
    assert {item["item_id"] for item in found["items"]} == {"0", "1", "2"}
    assert found["age_seconds"] >= 0


@pytest.mark.skipif("POS_REFERENCE_DOCUMENTS" not in os.environ, reason="the guide is not at hand")
def test_the_sample_of_the_guide_comes_in_and_is_found(agent: AgentProcess, tmp_path: Path) -> None:
    texts = [path.read_text() for path in sorted(Path(os.environ["POS_REFERENCE_DOCUMENTS"]).glob("*.txt"))]
    (sample,) = (text for text in texts if '"nodes"' in text and "subcategories" in text)
    start = sample.index("{", sample.rindex("```", 0, sample.index('"nodes"')))
    value, _ = json.JSONDecoder().raw_decode(sample, start)
    file = tmp_path / "guide.json"
    file.write_text(json.dumps(value))
    assert agent.cli("catalog", "import", str(file)).returncode == 0
    assert agent.cli_json("catalog", "search", "ice", "wine", "ries")["items"]


def test_the_same_again_is_not_uploaded_again(agent: AgentProcess, platform: SandboxServer) -> None:
    first = upload(agent, {"items": items(2)}).json()["payload"]
    again = upload(agent, {"items": list(reversed(items(2)))}).json()["payload"]
    assert (first["upload"], again["upload"]) == ("queued", "unchanged")
    assert (first["changed"], again["changed"]) == (True, False)
    agent.wait_for_outbox(delivered=1, waiting=0)
    assert uploads(platform) == [{"items": items(2)}]


def test_only_the_newest_of_what_waited_goes_up_G2(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.stop()
    for count in range(1, 6):
        assert upload(agent, {"items": items(count)}).json()["payload"]["upload"] == "queued"
    platform.start()
    agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    arrived = uploads(platform)
    assert arrived[-1] == {"items": items(5)}
    assert len(arrived) <= 2  # the first may have been on its way when the line went
    assert agent.status()["outbox"]["superseded"] >= 3


def test_what_cannot_be_right_changes_nothing_and_says_where(agent: AgentProcess, platform: SandboxServer) -> None:
    upload(agent, {"items": items(2)})
    agent.wait_for_outbox(delivered=1)
    wrong = upload(agent, {"items": [*items(1), {"category_id": "c", "name": "C", "item_ids": ["7"]}, *items(1)]})
    assert wrong.status_code == 400
    assert [field["path"] for field in wrong.json()["errors"]["fields"]]
    assert agent.client.get("/v1/catalog").json()["payload"]["version"]["counts"]["items"] == 2
    assert len(uploads(platform)) == 1


def test_an_upload_that_is_too_large_is_set_aside_with_the_cure(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=413,path=/api/2.0/upload_catalog"])
    upload(agent, {"items": items(2)})
    agent.wait_for_outbox(parked=1)
    (parked,) = agent.client.get("/v1/outbox", params={"state": "parked"}).json()["payload"]["revisions"]
    assert parked["call"] == "upload_catalog"
    assert "catalog.upload_bytes_max" in parked["error"]
    assert agent.status()["link"]["state"] == "online"


def test_a_catalog_beyond_the_limit_is_kept_and_not_sent(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url, catalog={"upload_bytes_max": 1_024}).start()
    assert upload(agent, {"items": items(100)}).json()["payload"]["upload"] == "too_large"
    assert agent.client.get("/v1/catalog/items/99").status_code == 200
    assert agent.status()["outbox"]["accepted"] == 0


def test_employees_come_in_and_go_up(agent: AgentProcess, platform: SandboxServer, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("employee_id;first_name;last_name;end_date\n1000;Ada;Sample;\n1001;Kim;Sample;2020-01-01\n")
    assert agent.cli("employees", "import", str(file)).returncode == 0
    agent.wait_for_outbox(delivered=1, waiting=0)
    (sent,) = uploads(platform, "upload_employees")
    assert [one["employee_id"] for one in sent["employees"]] == ["1000", "1001"]
    active = agent.client.get("/v1/employees/active").json()["payload"]["employees"]
    assert [one["employee_id"] for one in active] == ["1000"]


def test_killed_during_imports_the_catalog_is_old_or_new_and_up_once_in_effect_G2_G3(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    """Eight times an import is cut off by kill -9; at the end the platform has what the store has."""
    known = {0}
    for attempt in range(1, 9):
        count = 400 * attempt
        known.add(count)
        importing = threading.Thread(target=_try_upload, args=(agent, {"items": items(count)}), daemon=True)
        importing.start()
        importing.join(0.01 * attempt)
        agent.kill()
        importing.join(10)
        agent.start()
        version = agent.client.get("/v1/catalog").json()["payload"]["version"]
        assert (0 if version is None else version["counts"]["items"]) in known
    assert upload(agent, {"items": items(7)}).status_code == 200
    agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    assert uploads(platform)[-1] == {"items": items(7)}
    totals = platform.totals()
    assert totals["conflicts"] == 0


def _try_upload(agent: AgentProcess, payload: dict[str, Any]) -> None:
    try:
        httpx.post(
            f"{agent.url}/api/2.0/upload_catalog",
            json={"request_payload": payload},
            auth=("lane-1", agent.token),
            timeout=10,
            trust_env=False,
        )
    except httpx.HTTPError:
        return


def test_what_is_asked_beyond_all_bounds_is_refused_in_words(agent: AgentProcess) -> None:
    upload(agent, {"items": items(2)})
    upload(agent, {"employees": [{"employee_id": "1", "first_name": "A", "last_name": "B"}]}, "upload_employees")
    for path in (
        f"/v1/catalog/versions/{2**80}/changes",
        f"/v1/catalog/categories?after={2**80}",
        "/v1/catalog/search?q=",
        "/v1/employees/active?at=yesterday",
        "/v1/catalog/items",
    ):
        answer = agent.client.get(path)
        assert (answer.status_code, answer.json()["status"]) == (400, "Error"), path
    assert agent.client.get("/v1/employees/versions").json()["payload"]["versions"][0]["counts"] == {"employees": 1}
    assert agent.client.get("/v1/employees/versions/1/changes").status_code == 200
