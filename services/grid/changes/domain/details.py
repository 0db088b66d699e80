"""What a county may state about a grid beside its place in the tree. Null means not stated."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from shared.errors import Text, Violation

NO_FIELD = Text("A grid has no such detail; it has: {known}.", "没有该项;可填写:{known}。")
NO_NUMBER = Text("Give a number of 0 or more.", "应为不小于 0 的数字。")
NO_COUNT = Text("Give a whole number of 0 or more.", "应为不小于 0 的整数。")
NO_WORDS = Text("Give 1 to 500 characters.", "应填写 1 至 500 个字符。")
NO_LIST = Text("Give a list of 1 to 100 different entries.", "应为 1 至 100 个不重复条目的列表。")
NO_CHOICE = Text("Give one of: {known}.", "应为以下之一:{known}。")
NO_ITEMS = Text("Give an object of checklist items.", "应为清单项目对象。")
NO_ITEM = Text(
    "The scheme's checklist has no such item; it has: {known}.", "方案清单没有该项;现有:{known}。"
)
LONGEST_TEXT, MOST_ENTRIES, LARGEST = 500, 100, 1_000_000_000

DIVISION_BASES = ("area", "industry", "both")
OFFICES = ("alone", "township", "street", "community", "park", "village")
PLACE_CLASSES = (
    "enterprises",
    "construction_sites",
    "main_roads",
    "back_streets",
    "public_places",
    "residential_quarters",
)

Faults = list[Violation]
Check = Callable[[str, Any], Faults]


def _number(pointer: str, value: Any) -> Faults:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    fits = fits and math.isfinite(value) and 0 <= value <= LARGEST
    return [] if fits else [Violation(pointer, NO_NUMBER)]


def _count(pointer: str, value: Any) -> Faults:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return [] if fits else [Violation(pointer, NO_COUNT)]


def _words(pointer: str, value: Any) -> Faults:
    fits = isinstance(value, str) and len(value.strip()) > 0 and len(value) <= LONGEST_TEXT
    return [] if fits else [Violation(pointer, NO_WORDS)]


def _one_of(known: Collection[str]) -> Check:
    def check(pointer: str, value: Any) -> Faults:
        fits = isinstance(value, str) and value in known
        detail = NO_CHOICE.format(known=", ".join(known))
        return [] if fits else [Violation(pointer, detail)]

    return check


def _several(each: Check) -> Check:
    def check(pointer: str, value: Any) -> Faults:
        if not (isinstance(value, list) and 0 < len(value) <= MOST_ENTRIES):
            return [Violation(pointer, NO_LIST)]
        faults = [fault for n, one in enumerate(value) for fault in each(f"{pointer}/{n}", one)]
        if not faults and len(set(value)) < len(value):
            faults = [Violation(pointer, NO_LIST)]
        return faults

    return check


CHECKS: Mapping[str, Check] = {
    "area_km2": _number,
    "county_seat_km": _number,
    "village_count": _count,
    "natural_village_count": _count,
    "population": _count,
    "office_place": _words,
    "office_shared_with": _one_of(OFFICES),
    "working_body": _words,
    "responsible_body": _words,
    "implementing_body": _words,
    "responsible_units": _several(_words),
    "division_basis": _one_of(DIVISION_BASES),
    "place_classes": _several(_one_of(PLACE_CLASSES)),
}
CHECKLIST = "checklist"
"""The detail that maps items of the scheme's checklist to what was fixed for them."""


def merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details with the patch applied. A null in the patch removes the detail."""
    after = {**before, **patch}
    if isinstance(items := patch.get(CHECKLIST), dict):
        after[CHECKLIST] = {**(before.get(CHECKLIST) or {}), **items}
        after[CHECKLIST] = {k: v for k, v in after[CHECKLIST].items() if v is not None} or None
    return {name: value for name, value in after.items() if value is not None}


def faults_of(patch: Mapping[str, Any], items: Collection[str]) -> Faults:
    """Return the faults of a patch. ``items`` are the ids of the scheme's checklist."""
    faults: Faults = []
    for name, value in patch.items():
        pointer = f"/details/{name}"
        if name == CHECKLIST:
            faults += [] if value is None else _items_faults(pointer, value, items)
        elif name not in CHECKS:
            known = ", ".join((*CHECKS, CHECKLIST))
            faults.append(Violation(pointer, NO_FIELD.format(known=known)))
        elif value is not None:
            faults += CHECKS[name](pointer, value)
    return faults


def _items_faults(pointer: str, value: Any, items: Collection[str]) -> Faults:
    if not isinstance(value, dict):
        return [Violation(pointer, NO_ITEMS)]
    faults: Faults = []
    for item, words in value.items():
        if item not in items:
            known = ", ".join(items) or "-"
            faults.append(Violation(f"{pointer}/{item}", NO_ITEM.format(known=known)))
        elif words is not None:
            faults += _words(f"{pointer}/{item}", words)
    return faults
