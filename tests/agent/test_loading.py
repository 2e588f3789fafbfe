"""The agent runs without what only people at a terminal need."""

import subprocess
import sys


def loaded(first: str) -> str:
    done = subprocess.run([sys.executable, "-c", first], check=True, capture_output=True, text=True)
    return done.stdout.strip()


ALONE = """
import sys
from store_agent.agent import loading
{first}
from store_agent.agent import runtime
print(sorted({{'rich', 'textual', 'typer'}} & set(sys.modules)))
"""


def test_what_runs_has_no_library_for_terminals() -> None:
    assert loaded(ALONE.format(first="loading.load_without_rich()")) == "[]"


def test_without_care_it_would() -> None:
    assert loaded(ALONE.format(first="")) == "['rich']"


def test_whoever_wants_it_later_can_have_it() -> None:
    assert (
        loaded("from store_agent.agent.loading import load_without_rich; load_without_rich(); import rich; print(1)")
        == "1"
    )


def test_what_is_loaded_already_stays() -> None:
    assert (
        loaded(
            "import rich, sys; from store_agent.agent.loading import load_without_rich as load; load();"
            " print(sys.modules['rich'] is rich)"
        )
        == "True"
    )
