"""Who deals with what, as the schemes of two real documents say."""

import re
from typing import Any

import pytest

from tests.integration.grid.conftest import Grids
from tests.integration.grid.schemes.test_drafts import County, day
from tests.requirements.catalogue import load

MODES = {
    "leads": "lead",
    "supervises": "supervise",
    "takes part in": "participate",
    "assists with": "assist",
    "gates": "gate",
}
VERBS = "|".join(MODES)
ROUTING = re.compile(rf"Routing of the \S+ scheme \((S\d\d)\): (.+?) ((?:{VERBS}) .+)\.")
PARTS = re.compile(rf"({VERBS}) (.+)")


def routed() -> list[Any]:
    """The rows of the catalogue that say what a department does: template, name and duties."""
    rows = []
    for row in load().values():
        if found := ROUTING.fullmatch(row.sentence):
            template, name, duties = found.groups()
            expected = set()
            for clause in duties.split("; "):
                verb, categories = PARTS.fullmatch(clause).groups()
                expected |= {(MODES[verb], category) for category in categories.split(", ")}
            mark = pytest.mark.requirement(row.id, part="the county's table says so")
            rows.append(pytest.param(template, name, expected, id=row.id, marks=mark))
    return rows


@pytest.fixture
def asked(grids: Grids, county_id: str) -> Any:
    def of(template_id: str) -> County:
        return County(grids, f"{county_id}-{template_id.lower()}", template_id=template_id)

    return of


def test_the_catalogue_says_what_every_department_of_both_documents_does() -> None:
    rows = routed()

    assert [row.id for row in rows] == [f"R-DEPT-{number}" for number in range(10, 47)]


@pytest.mark.parametrize(("template_id", "name", "expected"), routed())
def test_a_department_has_exactly_the_duties_its_document_gives_it(
    asked: Any, template_id: str, name: str, expected: set[tuple[str, str]]
) -> None:
    county = asked(template_id)

    departments = county.ask("ListDepartments").departments
    categories = {each.category_id: each for each in county.ask("ListCategories").categories}

    (department,) = [each for each in departments if each.name == name]
    assert {(duty.mode, duty.category) for duty in department.duties} == expected
    members = {"lead": "leads", "supervise": "supervises", "participate": "participates",
               "assist": "assists", "gate": "gates"}  # fmt: skip
    for mode, category in expected:
        assert department.department_id in getattr(categories[category], members[mode])


@pytest.mark.requirement("R-DEPT-01", "R-DEPT-09")
def test_the_same_category_goes_to_different_bodies_in_two_counties(asked: Any) -> None:
    def lead(template_id: str) -> list[str]:
        county = asked(template_id)
        names = {d.department_id: d.name for d in county.ask("ListDepartments").departments}
        (found,) = [
            category
            for category in county.ask("ListCategories").categories
            if category.category_id == "agricultural_nonpoint"
        ]
        return [names[department] for department in found.leads]

    assert lead("S12") == ["乡农技、兽医站"]
    assert lead("S14") == ["区农委(区畜牧产业发展中心)"]


def test_a_duty_may_hold_in_some_units_alone_and_what_nobody_leads_falls_to_the_default(
    asked: Any,
) -> None:
    county = asked("S14")

    departments = {each.name: each for each in county.ask("ListDepartments").departments}
    categories = county.ask("ListCategories").categories

    park = departments["各园区管委会"]
    assert {tuple(duty.unit_types) for duty in park.duties} == {("park",)}
    default = departments["区环保局"]
    assert default.default
    led = [each for each in categories if each.leads]
    unled = [each for each in categories if not each.leads]
    assert {each.falls_to for each in unled} == {default.department_id}
    assert {each.falls_to for each in led} == {""}
    assert {each.falls_to for each in asked("S12").ask("ListCategories").categories} == {""}


def test_departments_of_a_day_are_those_of_the_scheme_of_that_day(asked: Any) -> None:
    county = asked("S12")
    departments = county.document()["departments"]
    county.patch({"departments": departments[:2]})
    county.ask("PublishDraft", effective_on=day(7))

    now = county.ask("ListDepartments")
    later = county.ask("ListDepartments", as_of=day(7))

    assert (len(now.departments), now.scheme_version) == (len(departments), 1)
    assert (len(later.departments), later.scheme_version) == (2, 2)
    assert county.ask("ListCategories", as_of=day(7)).scheme_version == 2
    assert county.refused("ListDepartments", as_of="2020-01-01").reason == "SCHEME_NOT_IN_FORCE"


def test_departments_without_duties_are_listed_too(asked: Any) -> None:
    county = asked("S16")

    assert [each.name for each in county.ask("ListDepartments").departments if not each.duties]
