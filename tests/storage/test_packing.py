"""What is stored of a text gives the text again, for as long as there are databases."""

import hashlib
import json
import os
import random
import zlib
from importlib.resources import files
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.storage.packing import pack, packed_size, unpack
from tests.support.sales import sale

TEXT = json.dumps(sale("T-1", note="Käse, 2 Stück")).encode()

WORDS = "79d9203732427cd88987334b3d86fe2674977442461b81443cf758e2ebc91967"
KEPT = (
    "0128b52ffd600501a504003403542d30303031302e302e3733313331303a3035303050376e6f744b5c753030653473652c20"
    "322053745c7530306663636b227d23009c458cff2aa01c2098f182f4ab40548ec052565833b7a04e72f74f1c2f6e4f9d3c06"
    "40507300e0c03303b8910b0296806b048e5cb30b002bb0185002d6fb47d4242d02808ccd32009308604ac640992e13482800"
    "5c811393858e0e0804"
)


def test_the_words_are_those_that_texts_were_packed_with() -> None:
    words = files("store_agent.storage").joinpath("words_of_sales.txt").read_bytes()
    assert hashlib.sha256(words).hexdigest() == WORDS, "what is packed can only be read with the same words"


def test_what_was_packed_by_the_first_version_is_read() -> None:
    assert unpack(bytes.fromhex(KEPT)) == TEXT


@given(st.binary(max_size=3_000))
def test_any_object_comes_back(inside: bytes) -> None:
    text = b"{" + inside + b"}"
    stored = pack(text)
    assert unpack(stored) == text
    assert packed_size(stored[:32], len(stored)) == len(text)


@given(st.binary(max_size=3_000))
def test_what_older_versions_stored_is_read_as_it_is(inside: bytes) -> None:
    text = b"{" + inside
    assert unpack(text) == text
    assert packed_size(text[:32], len(text)) == len(text)


def test_a_sale_takes_a_fraction_of_its_text_and_less_than_without_the_words() -> None:
    assert len(pack(TEXT)) < 0.45 * len(TEXT)
    assert len(pack(TEXT)) < 0.7 * len(zlib.compress(TEXT)), "the control: what the words are for"


@pytest.mark.parametrize("seed", range(300))
def test_damage_gives_another_text_or_none_and_never_fails(seed: int) -> None:
    """Which of both is for the seal to tell (G13)."""
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    stored = bytearray(pack(TEXT))
    for _ in range(chance.randint(1, 4)):
        stored[chance.randrange(len(stored))] ^= 1 << chance.randrange(8)
    cut = bytes(stored[: chance.randint(0, len(stored))])
    for damaged in (bytes(stored), cut):
        found = unpack(damaged)
        assert found is None or isinstance(found, bytes)
        assert packed_size(damaged[:32], len(damaged)) >= 0


def test_a_text_that_claims_to_be_huge_takes_no_memory() -> None:
    claim = b"\x28\xb5\x2f\xfd\xe0" + (2**62).to_bytes(8, "little")
    assert unpack(b"\x01" + claim + bytes(20)) is None


def test_threads_pack_beside_each_other() -> None:
    texts = [b"{" + os.urandom(2_000) + TEXT for _ in range(200)]
    found: dict[int, bool] = {}

    def work(number: int) -> None:
        found[number] = all(unpack(pack(text)) == text for text in texts)

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), True)
