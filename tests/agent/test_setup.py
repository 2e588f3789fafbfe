"""What the answer to the first question means for a store that is being set up, and where files end up."""

import errno
import os
from pathlib import Path

import pytest

from store_agent.agent import service
from store_agent.agent.setup.questions import BASE_URL, KEY, QUESTIONS, SECRET, missing, wrong
from store_agent.agent.setup.trial import Result, judge
from store_agent.agent.setup.writing import Owner, access_of, write
from store_agent.agent.setup.written import read_written
from store_agent.config.load import load
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    Throttled,
    TooLarge,
    Transport,
)
from store_agent.errors import CannotCreate, ConfigurationError

ME = Owner(os.geteuid(), os.getegid())
CURE = "Correct cloud.base_url; then: systemctl reload store-agent. If it is right, somebody else answers."


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Delivered(), Result.WORKS),
        (Refused("The platform refuses it: user not found"), Result.WORKS),
        (Refused("The platform does not know store 1234x."), Result.REFUSED),
        (Refused("The platform refuses it: no", fields=("client_id",)), Result.REFUSED),
        (Halted("The platform refuses this store's credentials (401).", CURE), Result.REFUSED),
        (Transport("The platform cannot be reached: its name is not found (DNS)."), Result.NOT_REACHABLE),
        (Throttled("The platform asks to wait.", 5.0), Result.NOT_REACHABLE),
        (Pending("."), Result.NOT_REACHABLE),
        (PlatformFailure("."), Result.NOT_REACHABLE),
        (TooLarge("."), Result.NOT_REACHABLE),
    ],
)
def test_an_answer_means_that_the_store_may_call_that_it_may_not_or_nothing(outcome: Outcome, result: Result) -> None:
    verdict = judge(outcome)
    assert verdict.result is result
    assert bool(verdict.cure) is (result is Result.REFUSED)
    assert result is Result.WORKS or verdict.words


def test_a_cure_says_nothing_of_an_agent_that_does_not_run_yet() -> None:
    cure = judge(Halted("Its certificate is for another name.", CURE)).cure
    assert cure == "Correct cloud.base_url. If it is right, somebody else answers."


def test_what_systemd_hands_over_is_not_missing() -> None:
    assert missing({}, lambda _: False) == list(QUESTIONS)
    assert not {KEY, SECRET} & set(missing({}, lambda name: name in ("cloud_key", "cloud_secret")))
    there = {"cloud": {"key_file": "/k", "secret_file": "/s"}, "receipts": {"mode": "off"}}
    assert not {KEY, SECRET, BASE_URL} - {BASE_URL} & set(missing(there, lambda _: False))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("https://pos.example.com", ""),
        ("http://127.0.0.1:9000", ""),
        ("", "one line"),
        ("https://anna:pw@pos.example.com", "must not hold a name or a password"),
        ("ftp://pos.example.com", "It must be an address such as https://pos.example.com."),
    ],
)
def test_an_answer_that_cannot_be_right_is_explained(answer: str, words: str) -> None:
    said = wrong(BASE_URL, answer)
    assert words in said
    assert bool(said) is bool(words)
    assert "pw" not in said


def test_a_file_keeps_its_mode_and_a_link_to_it_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "config.toml", tmp_path / "link.toml"
    path.write_text("[log]\n")
    path.chmod(0o640)
    link.symlink_to(path)
    written = read_written(link)
    write(written.path, b"new", access_of(written.path, ME))
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.toml", "link.toml"]


def test_what_cannot_be_written_whole_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CannotCreate, match="No space left"):
        write(path, b"new", access_of(path, ME))
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_the_machine_s_own_configuration_is_known_by_every_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CONFIGURATION", tmp_path / "config.toml")
    assert service.is_own(tmp_path / "x" / ".." / "config.toml")
    assert not service.is_own(tmp_path / "other.toml")
    monkeypatch.chdir(tmp_path)
    assert service.is_own(Path("config.toml"))


def test_who_lacks_something_is_sent_to_init(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with pytest.raises(ConfigurationError, match="store-agent init makes one"):
        load(path)
    path.write_text('[store]\nstore_id = "1"\n[cloud.core]\n[receipts]\nmode = "off"\n')
    with pytest.raises(ConfigurationError) as told:
        load(path)
    assert "store.client_id: is missing; store-agent init asks for it" in str(told.value)
    assert "cloud.core.base_url: is missing; config.example.toml tells what it is" in str(told.value)
