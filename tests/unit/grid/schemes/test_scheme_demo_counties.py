"""The settings of the demonstration counties, laid over their templates."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.grid.schemes.document import merge, normalise, validate
from services.grid.templates import template

FOLDER = Path(__file__).resolve().parents[4] / "deploy" / "demo" / "counties"
COUNTIES = {"430223": "S01", "130630": "S04", "430224": "S12"}


def settings(code: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    return loaded


def test_every_settings_file_belongs_to_a_county() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(COUNTIES)


@pytest.mark.parametrize("code", COUNTIES)
def test_the_settings_make_a_valid_scheme_of_the_template(code: str) -> None:
    document = merge(template(COUNTIES[code]), settings(code))

    assert validate(document) == []


@pytest.mark.parametrize("code", COUNTIES)
def test_a_township_can_take_a_case_and_somebody_there_can_hold_the_post(code: str) -> None:
    document = normalise(merge(template(COUNTIES[code]), settings(code)))
    powers = {row["level"]: row["may"] for row in document["cases"]["powers"]}
    able = [r for r in document["role_types"] if "accept" in r["capabilities"]]

    assert {"accept", "transfer", "close", "settle"} <= set(powers["township"])
    assert set(powers["village"]) == {"report", "verify"}
    assert [r["id"] for r in able if r["level"] in (None, "township")]


@pytest.mark.parametrize("code", COUNTIES)
def test_clocks_register_and_notices_are_set(code: str) -> None:
    document = normalise(merge(template(COUNTIES[code]), settings(code)))
    clocks = {c["kind"]: (c["from"], c["stops"], c["within"]["working_days"])
              for c in document["cases"]["clocks"]}  # fmt: skip
    (results,) = [i for i in document["disclosure"]["items"] if i["id"] == "case_results"]
    opened = [r for r in document["notifications"]["rules"] if r["on"] == "case.opened.v1"]

    assert clocks == {
        "acknowledge": ("opened", "accepted", 1),
        "dispose": ("opened", "handled", 7),
        "check": ("handled", "verified", 2),
    }
    assert (results["on"], results["within"]["working_days"]) == ("case.closed.v1", 20)
    assert [rule["at"] for rule in opened] == ["responsible_grid"]


@pytest.mark.parametrize("code", COUNTIES)
def test_straw_burning_has_one_lead_department(code: str) -> None:
    document = merge(template(COUNTIES[code]), settings(code))

    leads = [
        department["id"]
        for department in document["departments"]
        for duty in department["duties"]
        if duty == {"category": "straw_burning", "mode": "lead"}
    ]

    assert len(leads) == 1
    assert {"id": "straw_burning", "name": "秸秆焚烧"} in document["categories"]


def test_the_same_category_goes_to_different_departments_in_two_counties() -> None:
    leads = {
        code: department["id"]
        for code in ("430223", "130630")
        for department in settings(code)["departments"]
        for duty in department["duties"]
        if (duty["category"], duty["mode"]) == ("straw_burning", "lead")
    }

    assert leads == {"430223": "agriculture", "130630": "ecology"}
