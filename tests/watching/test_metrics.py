"""`/metrics` of a real agent: it parses, agrees with the status, tells nothing of anybody, and survives a restart."""

import stat
import time
from typing import Any

import httpx
import pytest

from store_agent.cli.health import _code_of
from store_agent.errors import AgentError, ConfigurationError, TemporaryFailure
from store_agent.local.problems import NotRunning, Refused, Stranger
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.watching.conftest import WITHIN, scrape, textfile
from tests.watching.exposition import Series, read_openmetrics, read_text, value

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
STANDING = ("waiting", "frozen", "held", "parked")


def test_it_is_told_as_text_and_as_openmetrics(watched: AgentProcess) -> None:
    text, other = scrape(watched), scrape(watched, OPENMETRICS)
    assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert other.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert read_text(text.text).keys() == read_openmetrics(other.text).keys()


def test_all_names_begin_alike_so_that_other_programs_files_can_stand_beside(scraped: Series) -> None:
    assert all(name.startswith("store_agent_") for name in scraped)


def test_sums_agree_with_the_status(watched: AgentProcess, scraped: Series) -> None:
    outbox = watched.wait_for_outbox(waiting=0, frozen=0)
    told = read_text(scrape(watched).text)
    assert {state: value(told, "store_agent_revisions", state=state) for state in STANDING} == {
        state: outbox[state] for state in STANDING
    }
    assert value(told, "store_agent_revisions_accepted_total") == outbox["accepted"]
    assert value(told, "store_agent_revisions_settled_total", state="delivered") == outbox["delivered"]
    assert value(told, "store_agent_waiting_amount") == float(outbox["waiting_amount"])
    assert value(told, "store_agent_books_balanced") == 1


def test_what_nobody_keeps_is_counted_where_it_happens(scraped: Series) -> None:
    assert value(scraped, "store_agent_sales_taken_total", call="send_batch_transaction") == 2
    assert value(scraped, "store_agent_ack_seconds_count", call="send_batch_transaction") == 1
    assert value(scraped, "store_agent_counter_calls_total", call="lookup", answer="passed") == 1
    assert value(scraped, "store_agent_platform_round_trip_seconds_count", endpoint="lookup") == 1
    delivered = {"endpoint": "upload_catalog", "outcome": "delivered"}
    assert value(scraped, "store_agent_platform_calls_total", **delivered) == 1
    sales = value(scraped, "store_agent_sales_taken_total", call="send_transaction") + 2
    assert value(scraped, "store_agent_batch_sales_sum") <= sales
    assert value(scraped, "store_agent_http_answers_total", status="500") == 0
    assert value(scraped, "store_agent_faults_total") == 0


def test_the_state_of_the_line_is_one_of_three(scraped: Series) -> None:
    states = {dict(labels)["state"]: held for labels, held in scraped["store_agent_link_state"].items()}
    assert states == {"online": 1, "backing_off": 0, "halted": 0}


def test_it_names_the_store_and_what_runs_there(watched: AgentProcess, scraped: Series) -> None:
    (labels,) = scraped["store_agent_build_info"]
    assert dict(labels)["store"] == "1234x"
    assert dict(labels)["version"] == watched.status()["version"]


def test_no_label_holds_what_a_sale_or_a_guest_says(watched: AgentProcess) -> None:
    text = scrape(watched).text
    for secret in ("T-1", "nobody@example.com", "lane-1", watched.token, "Cola"):
        assert secret not in text


def test_node_exporter_finds_the_same_in_a_file(watched: AgentProcess, scraped: Series) -> None:
    path, end = textfile(watched), time.monotonic() + WITHIN
    while read_text(path.read_text()).keys() != scraped.keys():
        assert time.monotonic() < end
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_totals_of_the_database_say_that_they_may_fall(watched: AgentProcess) -> None:
    text = scrape(watched).text
    for name in ("accepted", "settled"):
        (told,) = (line for line in text.splitlines() if line.startswith(f"# HELP store_agent_revisions_{name}_total"))
        assert "restored" in told


def test_only_known_callers_are_told_amounts_G15(watched: AgentProcess) -> None:
    assert httpx.get(f"{watched.url}/metrics", trust_env=False).status_code == 401
    assert watched.client.get("/metrics", headers={"Host": "elsewhere.example"}).status_code == 403


def test_where_the_store_wants_it_anybody_on_the_machine_is_told(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url, metrics={"open": True}).start()
    assert "store_agent_ready 1.0" in httpx.get(f"{agent.url}/metrics", trust_env=False).text
    assert httpx.get(f"{agent.url}/v1/status", trust_env=False).status_code == 401
    document = httpx.get(f"{agent.url}/openapi.json", trust_env=False).json()
    assert document["paths"]["/metrics"]["get"]["security"] == []


def test_totals_survive_a_kill(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    for number in range(3):
        agent.send(sale(f"T-{number}"))
    agent.wait_for_outbox(delivered=3)
    agent.kill()
    told = read_text(scrape(agent.start()).text)
    assert value(told, "store_agent_revisions_accepted_total") == 3
    assert value(told, "store_agent_revisions_settled_total", state="delivered") == 3
    assert value(told, "store_agent_sales_taken_total", call="send_transaction") == 0


def health(agent: AgentProcess) -> dict[str, Any]:
    found: dict[str, Any] = agent.client.get("/v1/health").json()["payload"]
    return found


def test_a_store_that_is_well_says_so_in_one_line(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    done = agent.cli("health")
    assert (done.returncode, done.stdout) == (0, "OK - Online; 0 sales wait. | waiting=0 oldest=0s\n")
    assert health(agent)["verdict"] == "ok"
    assert agent.stop() == 0
    silent = agent.cli("health")
    assert silent.returncode == 2, "tills cannot sell"
    assert silent.stdout.startswith("CRITICAL - The agent does not run")
    assert len(silent.stdout.splitlines()) == 1


@pytest.fixture
def refusing(make_agent: MakeAgent, platform: SandboxServer) -> AgentProcess:
    """An agent that the platform does not let in."""
    return make_agent(platform.url, cloud={"secret": "wrong"}).start()


def test_a_line_that_halted_is_trouble_and_tells_no_amount(refusing: AgentProcess) -> None:
    refusing.send(sale("T-1"))
    refusing.wait_for_link("halted")
    found = health(refusing)
    assert (found["verdict"], found["link"], found["waiting"]) == ("trouble", "halted", 1)
    assert [finding["name"] for finding in found["findings"]] == ["link_halted"]
    assert not {"amount", "waiting_amount"} & set(found)
    done = refusing.cli("health")
    assert done.returncode == 2
    first, second = done.stdout.splitlines()
    assert first.startswith("CRITICAL - Sending has stopped")
    assert "What to do:" in second
    told = read_text(scrape(refusing).text)
    assert value(told, "store_agent_link_state", state="halted") == 1
    assert value(told, "store_agent_health", verdict="trouble") == 1
    halted = {"endpoint": "send_transaction", "outcome": "halted"}
    assert value(told, "store_agent_platform_calls_total", **halted) >= 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Refused(503, "not_ready", "The agent is starting."), 2),
        (NotRunning("The agent does not run."), 2),
        (Refused(401, "unauthorized", "Who are you?"), 3),
        (Stranger("The token cannot be read."), 3),
        (TemporaryFailure("It has not answered in time."), 3),
        (ConfigurationError("store_id is missing."), 3),
    ],
)
def test_an_agent_that_cannot_work_is_in_trouble_and_one_that_may_not_be_asked_is_unknown(
    failure: AgentError, code: int
) -> None:
    assert _code_of(failure) == code
