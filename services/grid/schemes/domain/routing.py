"""Which department deals with what, as a scheme says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.structure.duties import falls_to


@dataclass(frozen=True, slots=True)
class CategoryRouting:
    """A category with the departments that deal with it, by the mode of their duty.

    ``falls_to`` gets it where nobody leads; None without a default department.
    """

    category_id: str
    name: str
    parent: str | None
    departments: Mapping[str, tuple[str, ...]]
    falls_to: str | None


def routing(document: Mapping[str, Any]) -> list[CategoryRouting]:
    """Every category of a normalised document, in its order."""
    departments: dict[str, dict[str, list[str]]] = {}
    for department in document["departments"]:
        for duty in department["duties"]:
            modes = departments.setdefault(duty["category"], {})
            ids = modes.setdefault(duty["mode"], [])
            if department["id"] not in ids:
                ids.append(department["id"])
    return [
        CategoryRouting(
            category_id=category["id"],
            name=category["name"],
            parent=category["parent"],
            departments={mode: tuple(ids) for mode, ids in modes.items()},
            falls_to=falls_to(document, category["id"]),
        )
        for category in document["categories"]
        for modes in [departments.get(category["id"], {})]
    ]
