"""A scheme as another county may take it: without what names places of the county it came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.grid.schemes.document.problem import Problem, pointer


@dataclass(frozen=True, slots=True)
class Copied:
    """A document for another county.

    Pointers of what was ``dropped`` lead into the original, those of ``mentions`` into the copy.
    """

    document: Mapping[str, Any]
    dropped: tuple[Problem, ...]
    mentions: tuple[Problem, ...]


def copy(original: Mapping[str, Any], county_code: str, from_name: str, from_code: str) -> Copied:
    """The normalised document for the county with the code, taken from the county of the name.

    Overrides of foreign townships and posts of units by name are dropped; a county that takes an
    older version of its own keeps everything.
    """
    if county_code == from_code:
        return Copied(original, (), ())
    overrides, foreign = _own_overrides(original, county_code)
    role_types, units = _without_units(original)
    document = {**original, "role_types": role_types, "overrides": overrides}
    return Copied(document, (*units, *foreign), tuple(_mentions(document, from_name)))


def _own_overrides(
    original: Mapping[str, Any], county_code: str
) -> tuple[list[Any], list[Problem]]:
    kept, dropped = [], []
    for index, override in enumerate(original["overrides"]):
        if override["admin_code"].startswith(county_code):
            kept.append(override)
            continue
        dropped.append(
            Problem(
                pointer("overrides", index),
                f"Ways of township {override['admin_code']}, which lies in another county.",
                f"乡镇 {override['admin_code']} 的特别规定,该乡镇不属于本县。",
            )
        )
    return kept, dropped


def _without_units(original: Mapping[str, Any]) -> tuple[list[Any], list[Problem]]:
    roles, dropped = [], []
    for index, role in enumerate(original["role_types"]):
        kept = [entry for entry in role["overrides"] if entry["unit"] is None]
        roles.append({**role, "overrides": kept})
        dropped += [
            Problem(
                pointer("role_types", index, "overrides", position),
                f"What holds for the unit {entry['unit']!r} of the other county.",
                f"仅适用于原县单位“{entry['unit']}”的规定。",
            )
            for position, entry in enumerate(role["overrides"])
            if entry["unit"] is not None
        ]
    return roles, dropped


def _mentions(value: object, name: str, *path: str | int) -> Iterator[Problem]:
    """Return the texts that still name the other county."""
    if isinstance(value, str) and name in value:
        yield Problem(
            pointer(*path), f"Names the other county: {name}.", f"仍提及原县名称“{name}”。"
        )
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _mentions(below, name, *path, key)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _mentions(below, name, *path, index)
