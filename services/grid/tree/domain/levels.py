"""The levels of a scheme, as far as the tree of grids needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One of the county's own levels, as far as grids of divisions need it."""

    level_id: str
    rank: str
    unit_types: tuple[str, ...]
    expected_count: int | None
    optional: bool = False
    skippable: bool = False


def own_levels(document: Mapping[str, Any]) -> list[Level]:
    """The scheme's own levels, in the county's order."""
    return [
        Level(
            level["id"],
            level["rank"],
            tuple(level["unit_types"]),
            level["expected_count"],
            optional=bool(level["optional"]),
            skippable=bool(level["skippable"]),
        )
        for level in document["levels"]
        if level["scope"] == "own"
    ]
