"""What the other services read out of a county's scheme document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.structure import duties
from shared.working_time import Calendar, Within


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A time limit of the county: which event starts it, which step stops it, how long it is."""

    kind: str
    starts: str
    stops: str
    within: Within | None


TOWNSHIP_CODE = 9
"""Digits of a township's division code; longer codes of places in it begin with it."""


@dataclass(frozen=True, slots=True)
class InTownship:
    """A scheme document as it holds in a township, and which values are the township's own.

    ``pointers`` are JSON pointers into the document. Without any, the document is the county's.
    """

    document: Mapping[str, Any]
    pointers: tuple[str, ...] = ()


def in_township(document: Mapping[str, Any], admin_code: str | None) -> InTownship:
    """Return a normalised document as it holds at a place with this division code; None is no place.

    What a township states takes the county's place, member by member: rules and reports of the
    same id, holders and head counts of the same role type. What it leaves open stays the county's.
    """
    override = _override_of(document, admin_code)
    if override is None:
        return InTownship(document)
    pointers: list[str] = []
    merged = {
        "patrol": _merged(document, "patrol", override["patrol"], "id", pointers),
        "reports": _merged(document, "reports", override["reports"], "id", pointers),
        "role_types": _merged(document, "role_types", override["holders"], "role_type", pointers),
    }
    return InTownship({**document, **merged}, tuple(pointers))


def township_of(admin_code: str | None) -> str | None:
    """The code of the township in which a place with the code lies; None outside of any."""
    if admin_code is None or len(admin_code) < TOWNSHIP_CODE:
        return None
    return admin_code[:TOWNSHIP_CODE]


def _override_of(document: Mapping[str, Any], admin_code: str | None) -> Mapping[str, Any] | None:
    township = township_of(admin_code)
    overrides = document.get("overrides") or ()
    return next((each for each in overrides if each["admin_code"] == township), None)


def _merged(
    document: Mapping[str, Any],
    member: str,
    stated: Sequence[Mapping[str, Any]],
    key: str,
    pointers: list[str],
) -> list[Mapping[str, Any]]:
    """The entries of ``member``, each overlaid with what is stated for it.

    ``key`` is the name of an entry's id in ``stated``; ``pointers`` gets a pointer for every change.
    """
    own_ways = {each[key]: each for each in stated}
    merged = []
    for index, entry in enumerate(document.get(member) or ()):
        own = own_ways.get(entry["id"], {})
        changed = {
            name: value
            for name, value in own.items()
            if name != key and value is not None and value != entry.get(name)
        }
        pointers += [f"/{member}/{index}/{name}" for name in changed]
        merged.append(_over_unit_types({**entry, **changed}, changed) if changed else entry)
    return merged


def _over_unit_types(entry: Mapping[str, Any], changed: Mapping[str, Any]) -> Mapping[str, Any]:
    """A role type without its overrides by unit type of what the township changes."""
    if not entry.get("overrides"):
        return entry
    left = [
        {**each, **dict.fromkeys(changed.keys() & each.keys())} if each.get("unit_type") else each
        for each in entry["overrides"]
    ]
    return {**entry, "overrides": left}


@dataclass(frozen=True)
class Scheme:
    """One version of a county's scheme. What the document does not state is None or empty.

    A version never changes, so what is read out of its document is kept with it.
    """

    version: int
    document: Mapping[str, Any]

    @cached_property
    def calendar(self) -> Calendar:
        """The county's time zone and working days."""
        return Calendar.from_document(self.document.get("calendar"))

    @property
    def has_overrides(self) -> bool:
        """Whether any township overrides the county's scheme."""
        return bool(self.document.get("overrides"))

    def in_township(self, admin_code: str | None) -> "Scheme":
        """The scheme as it holds at a place with this division code; None stands for no place."""
        township = township_of(admin_code)
        if township is None or _override_of(self.document, township) is None:
            return self
        if (known := self._in_townships.get(township)) is None:
            document = in_township(self.document, township).document
            known = self._in_townships[township] = Scheme(self.version, document)
        return known

    @cached_property
    def _in_townships(self) -> dict[str, "Scheme"]:
        return {}

    def level(self, level_id: str) -> Mapping[str, Any] | None:
        """One level."""
        return self._by_id["levels"].get(level_id)

    def role_type(self, role_type_id: str) -> Mapping[str, Any] | None:
        """One role type."""
        return self._by_id["role_types"].get(role_type_id)

    def department(self, department_id: str) -> Mapping[str, Any] | None:
        """One department."""
        return self._by_id["departments"].get(department_id)

    def category(self, category_id: str) -> Mapping[str, Any] | None:
        """One category of cases."""
        return self._by_id["categories"].get(category_id)

    @property
    def category_ids(self) -> tuple[str, ...]:
        """All categories, in the county's order."""
        return tuple(category["id"] for category in self.document.get("categories") or ())

    def lead_department(self, category_id: str) -> str | None:
        """The department that leads for the category, else the default one that it falls to."""
        return duties.leads(self.document, category_id) or duties.falls_to(
            self.document, category_id
        )

    def level_may(self, level_id: str, power: str) -> bool:
        """Whether grids of the level have a power over cases, such as ``accept``."""
        powers = (self.document.get("cases") or {}).get("powers") or ()
        return any(entry["level"] == level_id and power in entry["may"] for entry in powers)

    @cached_property
    def clocks(self) -> tuple[ClockRule, ...]:
        """The time limits of cases."""
        clocks = (self.document.get("cases") or {}).get("clocks") or ()
        return tuple(
            ClockRule(c["kind"], c["from"], c["stops"], Within.from_document(c.get("within")))
            for c in clocks
        )

    def disclosure_items(self, on: str) -> tuple[Mapping[str, Any], ...]:
        """Items of the disclosure register that an event brings about."""
        items = (self.document.get("disclosure") or {}).get("items") or ()
        return tuple(item for item in items if item.get("on") == on)

    def notification_rules(self, on: str) -> tuple[Mapping[str, Any], ...]:
        """Rules that say who must know of an event."""
        rules = (self.document.get("notifications") or {}).get("rules") or ()
        return tuple(rule for rule in rules if rule["on"] == on)

    @cached_property
    def _by_id(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """The entries of the document's lists by id; the first entry of an id counts."""
        return {
            name: {entry["id"]: entry for entry in reversed(self.document.get(name) or ())}
            for name in ("levels", "role_types", "departments", "categories")
        }
