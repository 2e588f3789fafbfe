"""SQLCipher's encryption of single pages, for files that SQLite itself cannot open any more (G13).

A page is encrypted for itself: AES-256 in CBC mode, then 80 bytes with its initialisation vector and an HMAC-SHA512
over both and the page's number. The first 16 bytes of the file are a salt for the key of the HMAC alone, since the key
is given as raw bytes (zetetic.net/sqlcipher/design). So any page tells by itself whether a key is right.

AES is that of OpenSSL's library, which Python's own ssl stands on. It is needed for a salvage only.
"""

import ctypes
import hashlib
import hmac
from functools import lru_cache

from store_agent.errors import StorageFailure

SALT_BYTES = 16
RESERVED_BYTES = 80
"""At the end of each page: vector (16) and HMAC (64)."""

MAGIC = b"SQLite format 3\0"

_VECTOR_BYTES, _HMAC_BYTES = 16, 64
_SALT_MASK, _ITERATIONS = 0x3A, 2
"""What SQLCipher 4 makes the key of the HMAC with."""

_LIBRARIES = ("libcrypto.so.3", "libcrypto.so.1.1")


class Cipher:
    """Pages under one key, 64 hexadecimal digits."""

    def __init__(self, key: str) -> None:
        self._key = bytes.fromhex(key)
        self._hmac_key = lru_cache(64)(self._make_hmac_key)

    def is_own(self, page: bytes, number: int, salt: bytes) -> bool:
        """Tell whether a page was written with this key, in this place, and is as it was written."""
        start, end = _body(page, number)
        said = page[start:end] + page[end : end + _VECTOR_BYTES] + number.to_bytes(4, "little")
        made = hmac.new(self._hmac_key(salt), said, "sha512").digest()
        return hmac.compare_digest(made, page[-_HMAC_BYTES:])

    def read(self, page: bytes, number: int) -> bytes:
        """Give what stands in a page, without the reserved bytes; of a damaged one what is left.

        Raises StorageFailure where OpenSSL's library is not there.
        """
        start, end = _body(page, number)
        if not any(page):
            return page[:end]
        content = _decrypt(self._key, page[end : end + _VECTOR_BYTES], page[start:end])
        return (MAGIC if number == 1 else b"") + content

    def _make_hmac_key(self, salt: bytes) -> bytes:
        masked = bytes(byte ^ _SALT_MASK for byte in salt)
        return hashlib.pbkdf2_hmac("sha512", self._key, masked, _ITERATIONS, 32)


def _body(page: bytes, number: int) -> tuple[int, int]:
    """Give where the encrypted part of a page begins and ends."""
    return (SALT_BYTES if number == 1 else 0), len(page) - RESERVED_BYTES


def _decrypt(key: bytes, vector: bytes, data: bytes) -> bytes:
    library = _library()
    context = library.EVP_CIPHER_CTX_new()
    try:
        content, size = ctypes.create_string_buffer(len(data)), ctypes.c_int()
        done = library.EVP_DecryptInit_ex(context, library.EVP_aes_256_cbc(), None, key, vector)
        done = done and library.EVP_CIPHER_CTX_set_padding(context, 0)
        done = done and library.EVP_DecryptUpdate(context, content, ctypes.byref(size), data, len(data))
        if not done:
            raise StorageFailure("OpenSSL's library cannot decrypt the damaged database (AES-256-CBC).")
        return content.raw[: size.value]
    finally:
        library.EVP_CIPHER_CTX_free(context)


@lru_cache(1)
def _library() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.EVP_CIPHER_CTX_new.restype = library.EVP_aes_256_cbc.restype = ctypes.c_void_p
        library.EVP_CIPHER_CTX_free.argtypes = (ctypes.c_void_p,)
        library.EVP_CIPHER_CTX_set_padding.argtypes = (ctypes.c_void_p, ctypes.c_int)
        library.EVP_DecryptInit_ex.argtypes = (*(ctypes.c_void_p,) * 3, ctypes.c_char_p, ctypes.c_char_p)
        library.EVP_DecryptUpdate.argtypes = (*(ctypes.c_void_p,) * 3, ctypes.c_char_p, ctypes.c_int)
        return library
    raise StorageFailure(
        "The encrypted database is damaged, and what can be read of it cannot be saved without OpenSSL's library "
        f"({_LIBRARIES[0]}). Nothing is lost by that: install it (apt-get install libssl3), then start the agent again."
    )
