"""What is remembered of guests is encrypted, bounded, and never in the way."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from store_agent.errors import Damaged, StorageFailure
from store_agent.storage import connection, remembered, sqlite
from store_agent.storage.remembered import FILE_NAME, Bounds, Nothing, Recollection, Remembered, open_remembered
from tests.support.hands import HandSetClock

KEY, OTHER = "ab" * 32, "cd" * 32
NOW = 1_780_000_000.0
GUEST = b'{"status": "OK", "payload": [{"first_name": "Clara-Klartext", "email": "clara.klartext@example.com"}]}'
NAMES = [("email", "clara.klartext@example.com"), ("user_id", "klartext-0815")]

Open = Callable[..., Awaitable[Remembered]]


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock(NOW)


@pytest.fixture
async def reopen(tmp_path: Path, clock: HandSetClock) -> AsyncIterator[Open]:
    """Open the file, closed before if it was open."""
    async with AsyncExitStack() as stack:

        async def opened(key: str = KEY, seconds: float = 3_600, count: int = 100) -> Remembered:
            await stack.aclose()
            made = await open_remembered(tmp_path / FILE_NAME, key, clock, Bounds(seconds, count))
            stack.push_async_callback(made.close)
            return made

        yield opened


def on_disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.glob(f"{FILE_NAME}*")))


async def test_an_answer_is_found_under_all_its_names_and_offers(reopen: Open) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-1", "offer-2"], GUEST)
    kept = Recollection(GUEST, int(NOW * 1000))
    assert await memory.find("email", "Clara.KLARTEXT@example.com") == kept
    assert await memory.find("user_id", "klartext-0815") == kept
    assert await memory.find_offer("offer-2") == kept


@pytest.mark.parametrize(
    ("kind", "value"), [("phone", "klartext-0815"), ("user_id", "KLARTEXT-0815"), ("user_id", ""), ("email", "clara")]
)
async def test_nobody_else_is_found(reopen: Open, kind: str, value: str) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-1"], GUEST)
    assert await memory.find(kind, value) is None
    assert await memory.find_offer("offer-2") is None


async def test_the_last_answer_counts_and_what_it_does_not_hold_any_more_is_gone(
    reopen: Open, clock: HandSetClock
) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-1", "offer-2"], GUEST)
    clock.at += 60
    await memory.keep(NAMES, ["offer-2"], b"{}")
    assert await memory.find(*NAMES[0]) == Recollection(b"{}", int((NOW + 60) * 1000))
    assert await memory.find_offer("offer-1") is None
    assert (await memory.find_offer("offer-2")) == Recollection(b"{}", int((NOW + 60) * 1000))


async def test_who_is_forgotten_is_not_found_and_leaves_nothing_when_the_last_name_is_gone(reopen: Open) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-1"], GUEST)
    await memory.forget("email", "CLARA.klartext@example.com")
    assert await memory.find(*NAMES[0]) is None
    assert await memory.find(*NAMES[1]) is not None
    assert await memory.find_offer("offer-1") is not None
    await memory.forget(*NAMES[1])
    await memory.forget(*NAMES[1])
    assert await memory.find_offer("offer-1") is None


async def test_it_outlives_a_restart(reopen: Open) -> None:
    await (await reopen()).keep(NAMES, ["offer-1"], GUEST)
    assert (await (await reopen()).find(*NAMES[0])) == Recollection(GUEST, int(NOW * 1000))


async def test_nothing_of_a_guest_stands_on_the_disk_in_clear_text_G16(reopen: Open, tmp_path: Path) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-klartext"], GUEST)
    written = on_disk(tmp_path)
    await memory.close()
    written += on_disk(tmp_path)
    assert len(written) > len(GUEST)
    assert [word for word in (b"lartext", b"first_name", b"answer", b"SQLite format") if word in written] == []
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


async def test_clear_text_on_the_disk_would_be_noticed_G16(
    reopen: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a file that is opened without its key."""

    async def opened(path: Path, _: str) -> connection.Connection:
        return await connection.open_writer(path)

    monkeypatch.setattr(remembered, "open_cache", opened)
    await (await reopen()).keep(NAMES, ["offer-klartext"], GUEST)
    assert b"lartext" in on_disk(tmp_path)


async def test_with_another_key_it_begins_anew(reopen: Open) -> None:
    await (await reopen()).keep(NAMES, [], GUEST)
    memory = await reopen(OTHER)
    assert await memory.find(*NAMES[0]) is None
    await memory.keep(NAMES, [], GUEST)
    assert await memory.find(*NAMES[0]) is not None
    assert await (await reopen(KEY)).find(*NAMES[0]) is None


@pytest.mark.parametrize("content", [b"", b"not a database", bytes(4_096), secrets.token_bytes(40_000)])
async def test_what_is_no_such_file_is_made_anew(reopen: Open, tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(content)
    memory = await reopen()
    await memory.keep(NAMES, [], GUEST)
    assert await memory.find(*NAMES[0]) is not None


@pytest.mark.parametrize("page", range(8))
async def test_damage_anywhere_costs_what_is_remembered_and_nothing_else_G13(
    reopen: Open, tmp_path: Path, page: int
) -> None:
    memory = await reopen()
    for number in range(40):
        await memory.keep([("user_id", str(number))], [f"offer-{number}"], GUEST * 5)
    await memory._run(lambda raw: raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    await memory.close()
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek(page * 4_096 + 100)
        file.write(secrets.token_bytes(64))
    memory = await reopen()
    for number in range(40):
        with contextlib.suppress(Damaged):
            found = await memory.find("user_id", str(number))
            assert found is None or found.body == GUEST * 5
    with contextlib.suppress(Damaged):
        await memory.keep(NAMES, ["offer-1"], GUEST)
    await memory.keep(NAMES, ["offer-1"], GUEST)
    assert await memory.find(*NAMES[0]) is not None
    assert await memory.find_offer("offer-1") is not None


CORRUPT, IO_ERROR, FULL = 11, 10, 13
"""Result codes of SQLite."""


@pytest.mark.parametrize(("code", "left"), [(CORRUPT, False), (IO_ERROR, False), (FULL, True)])
async def test_a_file_that_fails_while_it_is_in_use_is_made_anew_at_once_G13(
    reopen: Open, code: int, *, left: bool
) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-1"], GUEST)

    def fails(_: sqlite.Connection) -> None:
        error = sqlite.Error("it fails")
        error.sqlite_errorcode = code
        raise error

    with pytest.raises(StorageFailure):
        await memory._run(fails)
    assert (await memory.find(*NAMES[0]) is not None) == left
    await memory.keep(NAMES, ["offer-1"], GUEST)
    assert await memory.find(*NAMES[0]) is not None


async def test_a_file_that_cannot_be_made_anew_is_used_as_it_is(reopen: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = await reopen()
    monkeypatch.setattr(remembered, "forget_all", lambda _: (_ for _ in ()).throw(StorageFailure("read-only")))
    await memory._begin_anew(StorageFailure("it failed"))
    await memory.keep(NAMES, [], GUEST)
    assert await memory.find(*NAMES[0]) is not None


async def test_what_is_too_old_is_forgotten(reopen: Open, clock: HandSetClock) -> None:
    memory = await reopen(seconds=100)
    await memory.keep([("user_id", "1")], ["offer-1"], GUEST)
    clock.at += 100
    await memory.keep([("user_id", "2")], [], GUEST)
    assert await memory.find("user_id", "1") is not None
    clock.at += 1
    await memory.keep([("user_id", "3")], [], GUEST)
    assert await memory.find("user_id", "1") is None
    assert await memory.find_offer("offer-1") is None


async def test_no_more_are_kept_than_is_set_G11(reopen: Open) -> None:
    memory = await reopen(count=3)
    for number in range(6):
        await memory.keep([("user_id", str(number))], [f"offer-{number}"], GUEST)
    found = [str(number) for number in range(6) if await memory.find("user_id", str(number))]
    assert found == ["3", "4", "5"]
    rows = await memory._run(
        lambda raw: raw.execute("SELECT (SELECT count(*) FROM name), count(*) FROM offer").fetchone()
    )
    assert rows == (3, 3)


async def test_one_guest_who_is_looked_up_often_takes_the_place_of_no_other(reopen: Open) -> None:
    memory = await reopen(count=3)
    await memory.keep([("user_id", "rare")], [], GUEST)
    for _ in range(10):
        await memory.keep([("user_id", "often")], [], GUEST)
    assert await memory.find("user_id", "rare") is not None


async def test_an_answer_from_the_future_is_forgotten_when_the_clock_went_back_G14(
    reopen: Open, clock: HandSetClock
) -> None:
    memory = await reopen()
    await memory.keep([("user_id", "1")], [], GUEST)
    clock.at -= 86_400
    await memory.keep([("user_id", "2")], [], GUEST)
    assert await memory.find("user_id", "1") is None
    assert await memory.find("user_id", "2") is not None


@pytest.mark.parametrize("names", [[("user_id", "\ud800")], [("email", "\ud800"), ("user_id", "1")]])
async def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(
    reopen: Open, names: list[tuple[str, str]]
) -> None:
    memory = await reopen()
    with pytest.raises(StorageFailure):
        await memory.keep(names, ["offer-1"], GUEST)
    assert await memory.find("user_id", "1") is None
    await memory.keep([("user_id", "1")], [], GUEST)
    assert await memory.find("user_id", "1") is not None
    with pytest.raises(StorageFailure):
        await memory.find("user_id", "\ud800")


async def test_a_directory_that_is_not_there_is_said(tmp_path: Path, clock: HandSetClock) -> None:
    with pytest.raises(StorageFailure, match=str(tmp_path)):
        await open_remembered(tmp_path / "nowhere" / FILE_NAME, KEY, clock, Bounds(1, 1))


async def test_nothing_is_remembered_where_that_is_set(tmp_path: Path, reopen: Open) -> None:
    memory = await reopen()
    await memory.keep(NAMES, ["offer-1"], GUEST)
    await memory.close()
    remembered.forget_all(tmp_path / FILE_NAME)
    remembered.forget_all(tmp_path / FILE_NAME)
    assert on_disk(tmp_path) == b""
    nothing = Nothing()
    await nothing.keep(NAMES, ["offer-1"], GUEST)
    assert await nothing.find(*NAMES[0]) is None
    assert await nothing.find_offer("offer-1") is None
    await nothing.forget(*NAMES[0])
    await nothing.close()
