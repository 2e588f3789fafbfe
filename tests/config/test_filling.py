"""Filling in a configuration changes what is to be filled in, and nothing else."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.config.filling import Change, fill, unmarked
from store_agent.config.template import new_text
from store_agent.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
PACKAGED = subprocess.run(
    ["sh", ROOT / "packaging" / "debian" / "default-config", ROOT / "config.example.toml"],
    capture_output=True,
    check=True,
    text=True,
).stdout
ANSWERS = {
    ("store", "store_id"): "1234x",
    ("store", "client_id"): "retailer-1",
    ("cloud", "base_url"): "https://pos.example.com",
    ("cloud", "key"): "the key",
    ("cloud", "secret_file"): "/etc/store-agent/cloud_secret",
    ("receipts", "base_url"): "https://rewards.example.com/r",
}
BY_HAND = """\
# by anna
[cloud]   # the platform
key = 'old # key'  # from their mail
base_url = "https://pos.example.com"

[api]
port = 8751
"""
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)


def changes(**others: str) -> list[Change]:
    return [Change(*at, others.get(at[1], value)) for at, value in ANSWERS.items()]


def own(text: str) -> list[str]:
    """Give the lines that are no setting, nor one in a comment, of what is filled in."""
    names = {key for _, key in ANSWERS} | {"secret"}
    return [line for line in text.split("\n") if line and line.lstrip("# ").split(" = ")[0] not in names]


@pytest.mark.parametrize("text", [new_text(), PACKAGED, PACKAGED.replace("\n", "\r\n"), BY_HAND, ""])
@settings(max_examples=20)
@given(answer=PRINTABLE)
def test_every_comment_and_every_other_line_stays_and_the_answers_are_read_as_given(text: str, answer: str) -> None:
    filled = fill(text, changes(key=answer, store_id=answer))
    kept, before = own(filled), own(text)
    assert [line for line in kept if line in before] == before
    read = tomllib.loads(filled)
    assert all(read[table][key] == value for table, key, value in changes(key=answer, store_id=answer))
    for table, keys in tomllib.loads(text).items():
        assert {key: read[table][key] for key in keys if (table, key) not in ANSWERS} == {
            key: value for key, value in keys.items() if (table, key) not in ANSWERS
        }


def test_what_is_there_is_changed_in_its_place_with_the_comment_behind_it() -> None:
    filled = fill(BY_HAND, [Change("cloud", "key", "new"), Change("api", "port", 8752)])
    assert filled == BY_HAND.replace("'old # key'", '"new"').replace("8751", "8752")


def test_a_new_configuration_has_no_value_of_the_example_s_own_store() -> None:
    read = tomllib.loads(new_text())
    assert not {key for _, key in ANSWERS} & {key for table in read.values() for key in table}
    assert own(new_text()) == own((ROOT / "config.example.toml").read_text())


def test_the_tables_of_other_addresses_are_left_alone_as_comments() -> None:
    filled = fill(new_text(), [Change("cloud", "base_url", "https://a.example"), Change("cloud", "secret", "x")])
    assert '# [cloud.core]\n# base_url = "https://api.example.com"\n# key = ' in filled


def test_a_setting_is_taken_out() -> None:
    assert fill('[cloud]\nkey = "x"\nsecret = "y"\n', [Change("cloud", "secret", None)]) == '[cloud]\nkey = "x"\n'
    assert fill(BY_HAND, [Change("cloud", "secret", None), Change("store", "x", None)]) == BY_HAND


def test_nothing_says_any_more_that_something_is_to_be_filled_in() -> None:
    filled = unmarked(fill(PACKAGED, changes()))
    assert "to be filled in" in PACKAGED
    assert "filled in" not in filled
    assert "\n# secret = " in filled
    assert unmarked(new_text()) == new_text()


@pytest.mark.parametrize(
    "text",
    [
        'cloud = { key = "old" }\n',
        'cloud.key = "old"\n',
        '[cloud]\nkey = """\nold"""\n',
        '[cloud]\n"key" = "old"\n',
        "cloud = 5\n",
        '[log]\nlevel = """\n[cloud]\nkey = 1\n"""\n',
    ],
)
def test_what_cannot_be_changed_by_itself_is_told_and_not_spoilt(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cloud\.key stands in the configuration in a way"):
        fill(text, [Change("cloud", "key", "new")])
