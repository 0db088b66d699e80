"""What a county's scheme says about pollution sources: types, grades, zones and file standard.

If a county lists no types or zones of its own, those of the platform apply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_TYPES: Mapping[str, str] = {
    "discharging_enterprise": "排污企业",
    "ecological_environment": "生态环境",
    "petition_case": "信访案件",
    "pollution_dispute": "污染纠纷",
    "hidden_hazard": "环境安全隐患",
    "illegal_construction": "违法建设项目",
    "drinking_water_source": "饮用水源地",
    "rural_remediation": "农村环境综合整治",
    "livestock_farming": "畜禽养殖",
    "aquaculture": "水产养殖",
    "agricultural_nonpoint": "农业面源污染",
    "straw_burning": "秸秆焚烧",
    "garbage_burning": "垃圾焚烧",
    "weed_burning": "杂草杂物焚烧",
    "illegal_coal_stall": "不合法卖煤摊点",
    "sand_gravel_yard": "沙石料场",
    "concrete_plant": "商砼站",
    "water_pollution": "水环境污染",
    "nonpoint_pollution": "面源污染",
    "enterprise_direct_discharge": "企业污水直排",
    "domestic_direct_discharge": "生活污水直排",
}
DEFAULT_ZONES: Mapping[str, str] = {
    "forbidden": "禁养区",
    "limited": "限养区",
    "suitable": "适养区",
}


@dataclass(frozen=True, slots=True)
class Grade:
    """A supervision grade: ``at_least`` times ``per`` period, or None if the county does not say."""

    id: str
    name: str
    at_least: int | None
    per: str | None
    patrol_rules: tuple[str, ...]
    """Ids of the county's patrol rules for sources of the grade."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a source's file by the county's standard."""

    id: str
    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The county's settings on a day; names by id, in the county's order."""

    types: Mapping[str, str]
    grades: Mapping[str, Grade]
    zones: Mapping[str, str]
    departments: Mapping[str, str]
    """Names by id. If the scheme names no departments, any may supply a list."""
    file_standard: tuple[FilePart, ...]
    """The parts of the county's standard. If it states none, no file is incomplete."""
    minimum_count: int | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "SourceSettings":
        """Read a scheme document, of the newest form or an older one."""
        sources = document["sources"]
        parts = sources.get("file_standard") or ()
        return cls(
            types=_names(sources["types"]) or DEFAULT_TYPES,
            grades={grade["id"]: _grade(grade, document["patrol"]) for grade in sources["grades"]},
            zones=_names(sources.get("zones") or ()) or DEFAULT_ZONES,
            departments=_names(document["departments"]),
            file_standard=tuple(
                FilePart(part["id"], part["name"], bool(part["required"])) for part in parts
            ),
            minimum_count=sources["minimum_count"],
        )

    @property
    def grade_names(self) -> Mapping[str, str]:
        """The grades' names by id."""
        return {grade.id: grade.name for grade in self.grades.values()}

    @property
    def required_parts(self) -> tuple[str, ...]:
        """The ids of the parts that a complete file must have."""
        return tuple(part.id for part in self.file_standard if part.required)


def _names(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {entry["id"]: entry["name"] for entry in entries}


def _grade(grade: Mapping[str, Any], patrol: Sequence[Mapping[str, Any]]) -> Grade:
    supervision = grade["supervision"] or {}
    rules = (
        rule["id"] for rule in patrol if grade["id"] in ((rule["scope"] or {}).get("grades") or ())
    )
    return Grade(
        grade["id"],
        grade["name"],
        supervision.get("at_least"),
        supervision.get("per"),
        tuple(rules),
    )
