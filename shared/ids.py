"""Ids of what the platform keeps."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """An id that sorts after those that this process made before it (UUIDv7, RFC 9562).

    Lists by id are therefore in order of time. The time it carries is never ahead of the clock.
    """
    return uuid7()
