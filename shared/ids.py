"""Ids of what the platform keeps."""

from uuid import UUID

from uuid6 import uuid7


def new_id() -> UUID:
    """An id that sorts after those made before it (UUIDv7), so lists by id are in order of time."""
    return UUID(int=uuid7().int)
