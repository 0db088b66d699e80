"""Each of the 17 schemes, set up over real divisions by a county's own administrator, through HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from deploy.demo.http import Api, eventually
from tests.e2e.platform import FIRST_PASSWORD, PASSWORD, Platform

Json = Any


@dataclass(frozen=True, slots=True)
class Extra:
    """Grids that no table of divisions has: below each grid of a level, or below the first of it."""

    level: str
    below: str
    count: int
    unit_type: str = ""
    kind: str = "territorial"
    each: bool = False


@dataclass(frozen=True, slots=True)
class Locality:
    """A real place on which a scheme is set up, and how many grids each level must have there."""

    divisions: Sequence[str]
    counts: Mapping[str, int]
    extra: Sequence[Extra] = field(default_factory=tuple)

    @property
    def county(self) -> str:
        return self.divisions[0][:6]


# The documents' own places where the 2023 edition still has them, else places of the same make.
PLACES = {
    "S01": Locality(["430223126"], {"township": 1, "village": 21}),
    "S02": Locality(["430224203"], {"township": 1, "village": 11}),
    "S03": Locality(["620922100"], {"township": 1, "village": 6}),
    "S04": Locality(["130630104"], {"township": 1, "village": 21}),
    "S05": Locality(["430224101"], {"township": 1, "village": 12}),
    "S06": Locality(["510183"], {"township": 14, "village": 189}),
    "S07": Locality(["430182203"], {"township": 1, "village": 6}),
    "S08": Locality(["430224105"], {"township": 1}),
    "S09": Locality(
        ["610102"],
        {"district": 1, "township": 11, "village": 109, "enterprise": 3},
        [
            Extra("township", "district", 2, "department", "department"),
            Extra("enterprise", "village", 3, "enterprise", "enterprise"),
        ],
    ),
    "S10": Locality(["430181132"], {"township": 1, "village": 6}),
    "S11": Locality(["610102"], {"township": 9, "village": 109}),
    "S12": Locality(["430225209"], {"township": 1, "village": 12, "village_group": 0}),
    "S13": Locality(["430382200"], {"township": 1, "village": 10}),
    "S14": Locality(
        ["500151"],
        {"district": 1, "county_department": 28, "township": 28, "village": 333},
        [Extra("county_department", "district", 28, "department", "department")],
    ),
    "S15": Locality(
        [f"110108022{number:03}" for number in (1, 2, 3, 4, 5, 8, 10, 12, 13, 14, 15, 16)],
        {"township": 1, "village": 12, "sub_village": 56},
        [Extra("sub_village", "village", 56, "grid_unit", "unit", each=True)],
    ),
    "S16": Locality(["230903"], {"district": 1, "township": 7, "village": 24}),
    "S17": Locality(
        ["430426202"],
        {"village": 9, "sub_village": 9, "household_group": 0},
        [Extra("sub_village", "village", 9, "villager_group_area", each=True)],
    ),
}


class County:
    """A county as its administrator sets it up."""

    def __init__(self, platform: Platform, template: str, place: Locality) -> None:
        self.county_id = f"tpl-{template.lower()}"
        self.base = f"/v1/counties/{self.county_id}"
        self._platform, self._template, self._place = platform, template, place
        self.admin = Api("")

    def found(self) -> None:
        """Create it of the template, and sign its administrator in."""
        operator = self._platform.operator
        body = {
            "county_id": self.county_id,
            "name": f"模板县{self._template}",
            "admin_code": self._place.county,
            "template_id": self._template,
        }
        made = operator.post("/v1/counties", body).json
        assert made["scheme"]["version"] == 1
        person = {"name": "模板管理员", "username": "admin", "password": FIRST_PASSWORD}
        operator.post(f"{self.base}/admins", person)
        anyone = self._platform.anyone
        anyone.change_password(self.county_id, "admin", FIRST_PASSWORD, PASSWORD)
        self.admin = anyone.signed_in(self.county_id, "admin", PASSWORD)

    def divide(self) -> dict[str, int]:
        """Bring its grids; how many each level has then."""
        codes = {"codes": list(self._place.divisions)}
        self.admin.post(f"{self.base}/grids:import", codes, expect=200)
        for extra in self._place.extra:
            self._make(extra)
        again = self.admin.post(f"{self.base}/grids:import", codes, expect=200).json
        assert again["created"] == 0
        for level in again["levels"]:
            assert level["expected"] in (None, level["count"]), level
        return {level["level_id"]: level["count"] for level in again["levels"]}

    def publish(self) -> None:
        """Name a body for each level that has grids, and publish that as version 2."""
        scheme = self.admin.get(f"{self.base}/scheme").json
        levels = [
            {**level, "responsible_body": level["responsible_body"] or "县级测试责任主体"}
            for level in scheme["document"]["levels"]
        ]
        draft = self.admin.post(
            f"{self.base}/scheme/draft", {"merge_patch": {"levels": levels}}, expect=200
        ).json
        checked = self.admin.post(f"{self.base}/scheme/draft:validate", expect=200).json
        assert checked["faults"] == []
        impact = self.admin.post(f"{self.base}/scheme/draft:impact", expect=200).json
        assert all(not level["grids"] for level in impact["levels"] if level["change"] == "removed")
        made = self.admin.post(f"{self.base}/scheme/draft:publish", {}, expect=201).json
        assert made["version"] == 2, draft
        assert self.admin.get(f"{self.base}/scheme").json["version"] == 2

    def staff(self) -> int:
        """Appoint somebody to every post that the scheme asks for; how many that took."""
        appointed = 0
        while gaps := self.gaps():
            for gap in gaps:
                for _ in range(gap["required"] - gap["holders"]):
                    self._appoint(gap)
                    appointed += 1
        return appointed

    def gaps(self) -> list[Json]:
        return self.admin.get(f"{self.base}/posts:vacancies?page_size=500").json["vacancies"]

    def _appoint(self, gap: Json) -> None:
        person = self.admin.post(f"{self.base}/people", {"name": "模板责任人"}).json
        post = {"person_id": person["person_id"], "role_type": gap["role_type"]}
        if gap["grid_id"]:
            post["grid_id"] = gap["grid_id"]
        if gap["department_id"]:
            post["department_id"] = gap["department_id"]
        self.admin.post(f"{self.base}/posts", post)

    def _make(self, extra: Extra) -> None:
        below = self.grids(extra.below)
        for number in range(extra.count):
            parent = below[number % len(below)] if extra.each else below[0]
            body = {
                "parent_id": parent["grid_id"],
                "level_id": extra.level,
                "unit_type": extra.unit_type,
                "kind": extra.kind,
                "name": f"{extra.unit_type}{number + 1}",
            }
            self.admin.post(f"{self.base}/grids", body, key=str(uuid4()))

    def grids(self, level: str) -> list[Json]:
        return self.admin.get(f"{self.base}/grids?level_id={level}&page_size=500").json["grids"]


@pytest.mark.parametrize("template", sorted(PLACES))
@pytest.mark.requirement("R-GRID-02", "R-GRID-04", "R-GRID-06")
@pytest.mark.requirement("R-GRID-03", part="numbering that starts at another level than 1")
@pytest.mark.requirement("R-GRID-18", part="the expected number is stated beside the count")
def test_a_county_sets_itself_up_on_each_scheme(platform: Platform, template: str) -> None:
    place = PLACES[template]
    county = County(platform, template, place)
    county.found()

    assert county.divide() == dict(place.counts)
    county.publish()
    wanted = _wanted(county, place)
    eventually(
        "the vacancies of all grids are found",
        lambda: True if len(county.gaps()) == wanted else None,
    )
    county.staff()

    assert county.gaps() == []
    for level, count in place.counts.items():
        if count:
            first = county.grids(level)[0]["grid_id"]
            answer = county.admin.get(f"{county.base}/grids/{first}/responsible").json
            assert answer["gaps"] == []


def _wanted(county: County, place: Locality) -> int:
    """How many grids and roles the scheme asks holders for."""
    document = county.admin.get(f"{county.base}/scheme").json["document"]
    return sum(
        place.counts.get(role["level"], 0)
        for role in document["role_types"]
        if role["at"] == "grid" and role["level"] and (role["min"] or 0) > 0
    )
