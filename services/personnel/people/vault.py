"""Personal data as it is kept: AES-256-GCM, with keys from the settings that can be changed."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12
MAX_KEY_ID = 64


class Vault(Protocol):
    """Seals single values of a person, each bound to its county, person and field."""

    def seal(self, county_id: str, person_id: UUID, field: str, text: str) -> bytes:
        """The value as it may be kept."""

    def open(self, county_id: str, person_id: UUID, field: str, sealed: bytes) -> str:
        """The value in plain text."""

    def index(self, county_id: str, field: str, text: str) -> bytes:
        """The blind index, which is the same for equal values of a county's field."""


class UnreadableSeal(Exception):
    """A sealed value cannot be opened: its key is missing, or it stands where it was not put."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys by id, the one that seals from now on, and the key of the blind index."""

    current: str
    keys: Mapping[str, bytes]
    index: bytes

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read ``{"current": id, "keys": {id: base64}, "index": base64}``.

        Raises ValueError with what is wrong, never with a key.
        """
        try:
            document = orjson.loads(text)
            current, keys, index = document["current"], document["keys"], document["index"]
            ring = {str(key_id): _key(encoded) for key_id, encoded in keys.items()}
            index_key = _key(index)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                "must be JSON with current, keys (id to 32 bytes in base64) and index "
                "(32 bytes in base64)"
            ) from error
        if current not in ring:
            raise ValueError(f"the current key {current!r} is not among the keys")
        if any(not 0 < len(key_id.encode()) <= MAX_KEY_ID for key_id in ring):
            raise ValueError(f"a key's id has 1 to {MAX_KEY_ID} bytes")
        return cls(current, ring, index_key)

    def dump(self) -> str:
        """The ring as the settings hold it."""
        keys = {key_id: base64.b64encode(key).decode() for key_id, key in self.keys.items()}
        index = base64.b64encode(self.index).decode()
        return orjson.dumps({"current": self.current, "keys": keys, "index": index}).decode()

    def with_new_key(self, key_id: str) -> "KeyRing":
        """The ring with a new current key; the others stay, for what they have sealed.

        Raises ValueError where the ring has a key of this id.
        """
        if key_id in self.keys:
            raise ValueError(f"there is a key {key_id!r} already")
        return KeyRing(key_id, {**self.keys, key_id: os.urandom(KEY_BYTES)}, self.index)


class AesVault:
    """Seals and opens single values; each is bound to its county, person and field."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}

    def seal(self, county_id: str, person_id: UUID, field: str, text: str) -> bytes:
        """The value under the current key: format, key id with its length, nonce, ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        key_id = self._ring.current.encode()
        place = _place(county_id, person_id, field)
        sealed = self._ciphers[self._ring.current].encrypt(nonce, text.encode(), place)
        return FORMAT + bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, county_id: str, person_id: UUID, field: str, sealed: bytes) -> str:
        """The value. Raises UnreadableSeal where it cannot be opened at this place."""
        key_id, rest = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnreadableSeal(f"the key {key_id!r} is not among the keys")
        nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, _place(county_id, person_id, field)).decode()
        except (InvalidTag, ValueError) as error:
            raise UnreadableSeal(f"{field} of person {person_id} does not open") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is under the current key."""
        return _split(sealed)[0] == self._ring.current

    def index(self, county_id: str, field: str, text: str) -> bytes:
        """The blind index: the same for equal values of a county's field, and no use without the key."""
        message = orjson.dumps([county_id, field, text])
        return hmac.digest(self._ring.index, message, hashlib.sha256)


def _key(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return key


def _place(county_id: str, person_id: UUID, field: str) -> bytes:
    return orjson.dumps([county_id, str(person_id), field])


def _split(sealed: bytes) -> tuple[str, bytes]:
    if sealed[:1] != FORMAT:
        raise UnreadableSeal("the sealed value has an unknown format")
    end = 2 + sealed[1]
    return sealed[2:end].decode("utf-8", "replace"), sealed[end:]
