"""Rules, dashboard and runbook name what a real agent exposes, and each other."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.watching.exposition import Series
from tests.watching.promql import grouped_by, selectors

ROOT = Path(__file__).parents[2]
RULES = ROOT / "packaging" / "prometheus" / "store-agent.rules.yml"
UNIT_TESTS = RULES.with_name("store-agent.test.yml")
DASHBOARD = ROOT / "packaging" / "grafana" / "store-agent.json"
RUNBOOK = ROOT / "docs" / "runbook.md"

OTHERS = {"up", "node_textfile_mtime_seconds", "ALERTS"}
"""Told by Prometheus and node_exporter themselves."""

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt-get install prometheus)"
)


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def dashboard_queries() -> list[str]:
    """Give the queries of all panels, annotations and variables, with the variables filled in."""
    board = json.loads(DASHBOARD.read_text())
    panels = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    notes = [note["expr"] for note in board["annotations"]["list"]]
    lists = [variable["definition"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    return [query.replace("$__rate_interval", "5m") for query in (*panels, *notes, *lists)]


def missing(queries: list[str], exposed: Series) -> list[str]:
    """Name what queries ask for and the agent does not tell: metrics, their labels, and values of labels."""
    found = []
    for query in queries:
        for asked in selectors(query):
            if asked.name in OTHERS:
                continue
            if not exposed.get(asked.name):
                found.append(asked.name)
                continue
            found += [
                f"{asked.name}{matcher}" for matcher in asked.matchers if not matches(exposed, asked.name, matcher)
            ]
        labels = {label for asked in selectors(query) for one in exposed.get(asked.name, {}) for label, _ in one}
        found += [f"by {label} in {query}" for label in grouped_by(query) - labels]
    return found


def matches(exposed: Series, name: str, matcher: tuple[str, str, str]) -> bool:
    label, operator, wanted = matcher
    values = {value for one in exposed[name] for key, value in one if key == label}
    if wanted.startswith("$"):
        return bool(values)
    if operator == "=":
        return wanted in values
    return set(wanted.split("|")) <= values


def test_every_metric_of_the_rules_exists_with_its_labels(scraped: Series) -> None:
    assert missing([rule["expr"] for rule in alerts()], scraped) == []


def test_every_metric_of_the_dashboard_exists_with_its_labels(scraped: Series) -> None:
    assert missing(dashboard_queries(), scraped) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("store_agent_nothing > 0", "store_agent_nothing"),
        ('store_agent_link_state{state="upside_down"} == 1', "upside_down"),
        ('store_agent_link_state{colour="red"} == 1', "colour"),
        ("sum by (colour) (store_agent_revisions)", "by colour"),
        ('sum(rate(store_agent_platform_calls_total{outcome=~"delivered|lost"}[5m]))', "delivered|lost"),
    ],
)
def test_a_name_that_nobody_exposes_would_be_noticed(scraped: Series, query: str, said: str) -> None:
    """The control."""
    (found,) = missing([query], scraped)
    assert said in found


def test_everything_exposed_is_on_the_dashboard_or_in_a_rule_or_left_out_on_purpose(scraped: Series) -> None:
    asked = {
        one.name for query in (*dashboard_queries(), *(rule["expr"] for rule in alerts())) for one in selectors(query)
    }
    unused = {name for name in scraped if name not in asked and not re.search(r"_(bucket|sum|count)$", name)}
    assert unused == {
        "store_agent_database_encrypted",
        "store_agent_link_state_seconds",
        "store_agent_process_max_fds",
        "store_agent_process_start_time_seconds",
        "store_agent_process_virtual_memory_bytes",
        "store_agent_revisions_accepted_total",
    }


def test_every_alert_says_how_bad_it_is_and_what_it_means() -> None:
    assert len({rule["alert"] for rule in alerts()}) == len(alerts()) > 20
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}, rule["alert"]
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert "$labels.instance" in rule["annotations"]["summary"], rule["alert"]


def entries(text: str) -> dict[str, str]:
    """Give the entries of the runbook by their anchor."""
    parts = re.split(r"^## (StoreAgent\w+)$", text, flags=re.MULTILINE)
    return {name.lower(): entry for name, entry in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_alert_has_its_entry_in_the_runbook_and_no_entry_is_without_an_alert() -> None:
    kept = entries(RUNBOOK.read_text())
    assert set(kept) == {rule["alert"].lower() for rule in alerts()}
    for rule in alerts():
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert (ROOT / page, anchor) == (RUNBOOK, rule["alert"].lower())
    for name, entry in kept.items():
        assert re.findall(r"^- \*\*(.*?)\*\*:", entry, re.MULTILINE) == ["Sales", "Look at", "Do"], name


def test_an_entry_that_is_missing_would_be_noticed() -> None:
    """The control."""
    assert "storeagentdown" not in entries(RUNBOOK.read_text().replace("## StoreAgentDown\n", ""))


@pytest.mark.parametrize("page", ["config.example.toml", "docs/operator-guide.md", "docs/runbook.md"])
def test_the_pages_name_the_file_of_node_exporter_as_the_rules_do(page: str) -> None:
    looked_for = {value for rule in alerts() for one in selectors(rule["expr"]) for _, _, value in one.matchers}
    assert r".*store_agent\\.prom" in looked_for
    assert "store_agent.prom" in (ROOT / page).read_text()


def test_the_runbook_has_the_agent_s_user_do_what_is_for_nobody_else() -> None:
    text = RUNBOOK.read_text()
    own = list(re.finditer(r"(?<=`)(.*?)store-agent (?:backup|restore|key rotate)\b", text))
    assert len(own) >= 5
    assert {match[1] for match in own} == {"sudo -u store-agent "}


def promtool(*arguments: str, directory: Path = RULES.parent) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], cwd=directory, capture_output=True, text=True, check=False)


@needs_promtool
def test_promtool_takes_the_rules_and_their_tests() -> None:
    for arguments in (("check", "rules", RULES.name), ("test", "rules", UNIT_TESTS.name)):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_rules_that_never_fire_would_be_noticed_each_by_its_name(tmp_path: Path) -> None:
    """The control."""
    groups = {"groups": [{"name": "store-agent", "rules": [never(one) for one in alerts()]}]}
    (tmp_path / RULES.name).write_text(yaml.safe_dump(groups))
    (tmp_path / UNIT_TESTS.name).write_text(UNIT_TESTS.read_text())
    done = promtool("test", "rules", UNIT_TESTS.name, directory=tmp_path)
    assert done.returncode == 1
    missed = re.findall(r"alertname: (\w+), time", done.stdout + done.stderr)
    assert sorted(missed) == sorted(rule["alert"] for rule in alerts())


@needs_promtool
def test_promtool_reads_every_query_of_the_dashboard(tmp_path: Path) -> None:
    queries = [query for query in dashboard_queries() if not query.startswith("label_values(")]
    assert written_as_rules(queries, tmp_path).returncode == 0
    assert written_as_rules(["sum by (rate("], tmp_path).returncode != 0


def written_as_rules(queries: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
    path = directory / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    return promtool("check", "rules", path.name, directory=directory)


def never(rule: dict[str, Any]) -> dict[str, Any]:
    return {**rule, "expr": "vector(0) > 1"}


def test_every_alert_is_tested_to_fire_and_to_stay_quiet() -> None:
    tested = [
        (one["alertname"], bool(one["exp_alerts"]))
        for test in yaml.safe_load(UNIT_TESTS.read_text())["tests"]
        for one in test["alert_rule_test"]
    ]
    assert sorted(tested) == sorted((rule["alert"], fires) for rule in alerts() for fires in (True, False))


def test_the_dashboard_asks_for_its_data_source_and_for_stores() -> None:
    board = json.loads(DASHBOARD.read_text())
    assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource", "store", "instance"]
    used = {target["datasource"]["uid"] for panel in board["panels"] for target in panel["targets"]}
    assert used == {"${datasource}"}
