"""Where two scheme documents differ, part by part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from services.grid.schemes.document.problem import pointer

_KEYS: Final = ("id", "admin_code", "role_type", "date", "level")
"""Members by which the entries of a list are told apart, where each has its own."""

Path = tuple[str | int, ...]


class Change(StrEnum):
    """What became of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two documents differ.

    The pointer leads into the earlier document for what was removed, into the later otherwise.
    """

    pointer: str
    change: Change
    before: Any = None
    after: Any = None


def differences(before: Any, after: Any, *path: str | int) -> Iterator[Difference]:
    """Every place at which the two differ, in the order of the documents.

    Entries of lists are compared by their id, or what stands for one; entries without by position.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_objects(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        key = _key_of(before, after)
        if key is None:
            yield from _of_positions(before, after, path)
        else:
            yield from _of_entries(before, after, key, path)
    elif before != after or type(before) is not type(after):
        yield Difference(pointer(*path), Change.CHANGED, before, after)


def by_id(rows: Sequence[Mapping[str, Any]], key: str = "id") -> dict[str, Mapping[str, Any]]:
    """The entries of a list by their ids."""
    return {row[key]: row for row in rows}


def changes_of(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, Change, Any, Any]]:
    """What became of each of the parts, by their ids: (id, change, before, after)."""
    for name, value in before.items():
        if name not in after:
            yield name, Change.REMOVED, value, None
        elif after[name] != value:
            yield name, Change.CHANGED, value, after[name]
    for name, value in after.items():
        if name not in before:
            yield name, Change.ADDED, None, value


def _of_objects(
    before: Mapping[str, Any], after: Mapping[str, Any], path: Path
) -> Iterator[Difference]:
    for name, value in before.items():
        if name in after:
            yield from differences(value, after[name], *path, name)
        else:
            yield Difference(pointer(*path, name), Change.REMOVED, before=value)
    for name, value in after.items():
        if name not in before:
            yield Difference(pointer(*path, name), Change.ADDED, after=value)


def _of_positions(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    for index, (one, other) in enumerate(zip(before, after, strict=False)):
        yield from differences(one, other, *path, index)
    for index in range(len(after), len(before)):
        yield Difference(pointer(*path, index), Change.REMOVED, before=before[index])
    for index in range(len(before), len(after)):
        yield Difference(pointer(*path, index), Change.ADDED, after=after[index])


def _of_entries(before: list[Any], after: list[Any], key: str, path: Path) -> Iterator[Difference]:
    old = {row[key]: row for row in before}
    new = {row[key]: (index, row) for index, row in enumerate(after)}
    for index, row in enumerate(before):
        if row[key] not in new:
            yield Difference(pointer(*path, index), Change.REMOVED, before=row)
    for name, (index, row) in new.items():
        if name in old:
            yield from differences(old[name], row, *path, index)
        else:
            yield Difference(pointer(*path, index), Change.ADDED, after=row)
    kept_before = [name for name in old if name in new]
    kept_after = [name for name in new if name in old]
    if kept_before != kept_after:
        yield Difference(pointer(*path), Change.CHANGED, kept_before, kept_after)


def _key_of(before: list[Any], after: list[Any]) -> str | None:
    """The member that tells the entries of both lists apart; None where nothing does."""
    rows = [*before, *after]
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        return None
    for key in _KEYS:
        if all(isinstance(row.get(key), str) for row in rows) and all(
            len({row[key] for row in side}) == len(side) for side in (before, after)
        ):
            return key
    return None
