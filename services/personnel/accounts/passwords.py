"""Passwords as they are kept: Argon2id, with parameters from the settings."""

from dataclasses import dataclass
from typing import Protocol

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from services.personnel.accounts.domain.password_policy import normal
from shared.config import Env

NOBODYS_PASSWORD = "nobody has this password"  # noqa: S105 - it opens nothing


class PasswordHasher(Protocol):
    """Makes and checks password hashes. Each check takes about the same time."""

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash the same work is done, and it is not."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """What a hash costs. The defaults are the least that OWASP recommends for Argon2id."""

    memory_kib: int = 19_456
    time_cost: int = 2
    parallelism: int = 1

    @classmethod
    def read(cls, env: Env) -> "Argon2Parameters":
        """Read ``PASSWORD_HASH_MEMORY_KIB``, ``…_TIME_COST`` and ``…_PARALLELISM``."""
        default = cls()
        return cls(
            memory_kib=env.integer("PASSWORD_HASH_MEMORY_KIB", default.memory_kib),
            time_cost=env.integer("PASSWORD_HASH_TIME_COST", default.time_cost),
            parallelism=env.integer("PASSWORD_HASH_PARALLELISM", default.parallelism),
        )


class Argon2Hasher:
    """Makes and checks hashes; a check without a hash costs what a check with one does."""

    def __init__(self, parameters: Argon2Parameters) -> None:
        """Raises argon2's InvalidParametersError or HashingError for parameters out of range."""
        self._hasher = argon2.PasswordHasher(
            time_cost=parameters.time_cost,
            memory_cost=parameters.memory_kib,
            parallelism=parameters.parallelism,
        )
        self._nobodys_hash = self._hasher.hash(NOBODYS_PASSWORD)

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        return self._hasher.hash(normal(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash the same work is done, and it is not."""
        try:
            right = self._hasher.verify(password_hash or self._nobodys_hash, normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)
