"""The key for personal data is made once, for its owner only, and read or refused in words."""

import os
import re
from pathlib import Path

import pytest

from store_agent.errors import ConfigurationError
from store_agent.storage.key import Keys, read_key, read_keys


def test_a_key_is_made_once_for_its_owner_only_G16(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = read_key(path, make=True)
    assert re.fullmatch("[0-9a-f]{64}", key)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path, make=True) == read_key(path, make=False) == key
    assert read_key(tmp_path / "another", make=True) != key
    assert {one.name for one in tmp_path.iterdir()} == {"another", "key"}


def test_a_key_that_was_handed_over_may_be_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"  {'AB' * 32}\n")
    assert read_key(path, make=False) == "ab" * 32


def test_keys_are_not_shown_by_accident_G16() -> None:
    assert "ab" not in f"{Keys('ab' * 32, ('ab' * 32,))!r}"


def test_empty_lines_that_somebody_left_among_the_keys_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"\n{'ab' * 32}\r\n \n{'cd' * 32}\n\n")
    assert read_keys(path, make=False) == ("ab" * 32, "cd" * 32)


@pytest.mark.parametrize("content", ["", "\n", "ab" * 31, "ab" * 33, "xy" * 32, "ab" * 32 + " " + "ab" * 32])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match="64 hexadecimal digits") as refused:
        read_key(path, make=True)
    assert str(path) in str(refused.value)
    assert not content.strip() or content not in str(refused.value)
    assert path.read_text() == content


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xff" * 32)
    with pytest.raises(ConfigurationError, match="not text"):
        read_key(path, make=False)


def test_a_key_that_is_not_there_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_key(tmp_path / "key", make=False)
    with pytest.raises(ConfigurationError, match=r"storage\.key_file"):
        read_key(tmp_path / "nowhere" / "key", make=True)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_was_being_made_when_the_power_went_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"

    def lost(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", lost)
    with pytest.raises(KeyboardInterrupt):
        read_key(path, make=True)
    monkeypatch.undo()
    assert not path.exists()
    for left in tmp_path.iterdir():
        left.write_text("half")
    assert len(read_key(path, make=True)) == 64
