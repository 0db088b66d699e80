"""What the ledger holds beside sources, such as sensitive points, waters and equipment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.sources.domain.ledger import (
    BOTH_COORDINATES,
    EAST,
    LINE,
    NORTH,
    REQUIRED,
    TOO_LONG,
    known_faults,
)
from shared.errors import NotFound, Text, Violation

SERVICE = "service_organisation"
SENSITIVE = "sensitive_point"
WATER = "water"
PROJECT = "remediation_project"
EQUIPMENT = "equipment"

TYPES: Mapping[str, Mapping[str, str]] = {
    SERVICE: {},
    SENSITIVE: {
        "residential_area": "居民区",
        "school": "学校",
        "drinking_water_source": "饮用水源地",
        "hospital": "医院",
        "other": "其他",
    },
    WATER: {"river": "河流", "stream": "溪沟", "lake": "湖泊", "reservoir": "水库"},
    PROJECT: {},
    EQUIPMENT: {},
}
"""The types of each kind. If a kind lists none, the type is the county's own text."""
STATES: Mapping[str, Mapping[str, str]] = {
    SERVICE: {"active": "服务中", "ended": "已终止"},
    PROJECT: {
        "planned": "计划",
        "under_way": "实施中",
        "done": "已完工",
        "accepted": "已验收",
        "stopped": "已停止",
    },
    EQUIPMENT: {"in_use": "在用", "out_of_use": "停用", "scrapped": "报废"},
}
"""The states of the kinds that have states."""
MUST_SAY: Mapping[str, tuple[str, ...]] = {
    SENSITIVE: ("type",),
    WATER: ("type",),
    PROJECT: ("type", "state", "place"),
}
OBJECT_TEXTS = ("name", "type", "state", "place")
DETAILS = 20
NO_STATE = Text("What is of this kind has no state.", "该类对象没有状态。")
TOO_MANY_DETAILS = Text(
    f"Give at most {DETAILS} details, each a text or a number.",
    f"最多填写 {DETAILS} 项,每项为文本或数字。",
)


class LedgerObjectNotFound(NotFound):
    """The county's ledger has no such object."""

    reason = "LEDGER_OBJECT_NOT_FOUND"
    title = Text("Not found in the ledger", "台账中未找到")
    detail = Text(
        "There is nothing with the id {object_id} in this county's ledger.",
        "本县台账中没有编号为 {object_id} 的对象。",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerObject:
    """An object of the ledger. ``details`` are texts and numbers by name, such as a boiler's fuel."""

    object_id: UUID
    kind: str
    grid_id: UUID
    name: str
    type: str
    state: str
    place: str
    longitude: float | None
    latitude: float | None
    details: Mapping[str, Any]
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ObjectView:
    """An object as it is shown, with its grid and the sources that it belongs to."""

    object: LedgerObject
    grid_path: str
    grid_name: str
    source_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFilters:
    """The filters of a list of objects. An empty text or None does not filter."""

    kind: str = ""
    type: str = ""
    state: str = ""
    name: str = ""
    source_id: UUID | None = None


def faults(subject: LedgerObject) -> list[Violation]:
    """Return every fault of an object, each with its pointer."""
    found = known_faults("/kind", subject.kind, TYPES, required=True)
    must = ("name", *MUST_SAY.get(subject.kind, ()))
    found += [
        Violation(f"/{name}", REQUIRED) for name in must if not getattr(subject, name).strip()
    ]
    found += [
        Violation(f"/{name}", TOO_LONG)
        for name in ("name", "type", "place")
        if len(getattr(subject, name)) > LINE
    ]
    if types := TYPES.get(subject.kind):
        found += known_faults("/type", subject.type, types)
    if states := STATES.get(subject.kind):
        found += known_faults("/state", subject.state, states)
    elif subject.state:
        found.append(Violation("/state", NO_STATE))
    if not _fits(subject.longitude, subject.latitude):
        found.append(Violation("/longitude", BOTH_COORDINATES))
    plain = all(isinstance(value, str | int | float) for value in subject.details.values())
    if len(subject.details) > DETAILS or not plain:
        found.append(Violation("/details", TOO_MANY_DETAILS))
    return found


def _fits(longitude: float | None, latitude: float | None) -> bool:
    if longitude is None or latitude is None:
        return longitude is latitude
    return abs(longitude) <= EAST and abs(latitude) <= NORTH
