"""Which department is responsible for a category of cases, as a county's scheme says."""

from collections.abc import Mapping
from typing import Any


def leads(document: Mapping[str, Any], category_id: str) -> str | None:
    """The first department that leads for the category; None where no department does."""
    return next(
        (
            str(department["id"])
            for department in document.get("departments") or ()
            for duty in department.get("duties") or ()
            if duty["category"] == category_id and duty["mode"] == "lead"
        ),
        None,
    )


def falls_to(document: Mapping[str, Any], category_id: str) -> str | None:
    """The default department, for a category of the scheme that no department leads for."""
    categories = document.get("categories") or ()
    if leads(document, category_id) or all(each["id"] != category_id for each in categories):
        return None
    return next(
        (str(each["id"]) for each in document.get("departments") or () if each.get("default")),
        None,
    )
