"""What the other services read out of a county's scheme document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.working_time import Calendar, Within


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A time limit of the county: which event starts it, which step stops it, how long it is."""

    kind: str
    starts: str
    stops: str
    within: Within | None


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a county's scheme. What the document does not state is None or empty."""

    version: int
    document: Mapping[str, Any]

    @property
    def calendar(self) -> Calendar:
        """The county's time zone and working days."""
        return Calendar.from_document(self.document.get("calendar"))

    def level(self, level_id: str) -> Mapping[str, Any] | None:
        """One level."""
        return _by_id(self.document.get("levels"), level_id)

    def role_type(self, role_type_id: str) -> Mapping[str, Any] | None:
        """One role type."""
        return _by_id(self.document.get("role_types"), role_type_id)

    def department(self, department_id: str) -> Mapping[str, Any] | None:
        """One department."""
        return _by_id(self.document.get("departments"), department_id)

    def category(self, category_id: str) -> Mapping[str, Any] | None:
        """One category of what can be wrong."""
        return _by_id(self.document.get("categories"), category_id)

    @property
    def category_ids(self) -> tuple[str, ...]:
        """All categories, in the county's order."""
        return tuple(category["id"] for category in self.document.get("categories") or ())

    def lead_department(self, category_id: str) -> str | None:
        """The department whose duty it is to lead for the category, by the county's own table."""
        for department in self.document.get("departments") or ():
            for duty in department.get("duties") or ():
                if duty["category"] == category_id and duty["mode"] == "lead":
                    return str(department["id"])
        return None

    def level_may(self, level_id: str, power: str) -> bool:
        """Whether grids of the level have a power over cases, such as ``accept``."""
        powers = (self.document.get("cases") or {}).get("powers") or ()
        return any(entry["level"] == level_id and power in entry["may"] for entry in powers)

    @property
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


def _by_id(entries: Any, entry_id: str) -> Mapping[str, Any] | None:
    return next((entry for entry in entries or () if entry["id"] == entry_id), None)
