"""Whoever may not look into the storage directory is told so, by every command that wants the key."""

from pathlib import Path

import pytest

from store_agent.agent.doctor import database
from store_agent.agent.doctor.finding import State
from store_agent.agent.doctor.subject import read_subject
from store_agent.agent.keys import storage_keys
from store_agent.errors import Unavailable
from tests.support.accounts import BIN, acting_as, needs_root
from tests.support.agent import config_text, free_port


@needs_root
@pytest.mark.parametrize("make", [True, False])
def test_another_account_is_told_whose_key_it_is(tmp_path: Path, *, make: bool) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config_text(tmp_path, "http://127.0.0.1:9", free_port(), storage={"encryption": "on"}))
    (tmp_path / "data").mkdir(mode=0o700)
    subject = read_subject(path)
    with acting_as(BIN, BIN):
        with pytest.raises(Unavailable, match="run this as the agent's user"):
            storage_keys(subject.settings, make=make)
        (found,) = database.check(subject)
    assert found.state is State.NOT_CHECKED
