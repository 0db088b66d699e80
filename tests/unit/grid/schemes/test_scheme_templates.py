"""The templates: valid, complete, and saying what their documents say and no more."""

import re
from typing import Any

import pytest

from services.grid.schemes.document import (
    default_capabilities,
    normalise,
    platform_role_types,
    validate,
)
from services.grid.templates import UnknownTemplate, template, templates
from tests.requirements import catalogue

IDS = [f"S{number:02}" for number in range(1, 18)]
MODES = {
    "leads": "lead",
    "supervises": "supervise",
    "takes part in": "participate",
    "assists with": "assist",
    "gates": "gate",
}


def level(identifier: str, level_id: str) -> dict[str, Any]:
    return _only(template(identifier)["levels"], level_id)


def role(identifier: str, role_id: str) -> dict[str, Any]:
    return _only(template(identifier)["role_types"], role_id)


def _only(rows: list[dict[str, Any]], identifier: str) -> dict[str, Any]:
    (found,) = [row for row in rows if row["id"] == identifier]
    return found


def test_there_are_seventeen_templates_and_their_summaries_tell_them_apart() -> None:
    summaries = templates()

    assert [summary.id for summary in summaries] == IDS
    assert len({summary.name for summary in summaries}) == len(IDS)
    assert summaries[0].level_names == ("市级网格", "县级网格", "三级网格", "村级网格")


@pytest.mark.parametrize("identifier", IDS)
def test_a_template_is_valid_and_already_normal(identifier: str) -> None:
    document = template(identifier)

    assert validate(document) == []
    assert normalise(document) == document
    assert document["template"] == identifier


def test_an_unknown_template_is_named() -> None:
    with pytest.raises(UnknownTemplate) as refusal:
        template("S18")

    assert refusal.value.metadata["template"] == "S18"


@pytest.mark.parametrize("identifier", ["../scheme", "S1", "", "s01"])
def test_a_template_id_is_never_a_path(identifier: str) -> None:
    with pytest.raises(UnknownTemplate):
        template(identifier)


def test_a_caller_may_change_its_copy() -> None:
    template("S01")["levels"].clear()

    assert template("S01")["levels"]


@pytest.mark.parametrize("identifier", IDS)
def test_posts_of_the_document_get_what_their_kind_gets(identifier: str) -> None:
    document = template(identifier)
    ranks = {row["id"]: row["rank"] for row in document["levels"]}
    stated = [row for row in document["role_types"] if row["origin"] == "document"]

    for row in stated:
        expected = default_capabilities(row["kind"], ranks[row["level"]])
        assert tuple(row["capabilities"]) == expected
        assert row["quote"]
        assert row["id"] == f"{row['level']}.{row['kind']}"


@pytest.mark.parametrize("identifier", IDS)
def test_every_template_can_be_staffed_to_run(identifier: str) -> None:
    document = template(identifier)
    shared = [row for row in document["role_types"] if row["origin"] == "platform"]

    assert [row["id"] for row in shared] == [row["id"] for row in platform_role_types()]
    assert [row["capabilities"] for row in shared] == [
        row["capabilities"] for row in platform_role_types()
    ]
    assert all("read" in row["capabilities"] for row in document["role_types"])


def test_a_document_that_names_nobody_on_a_level_gets_no_invented_post_there() -> None:
    stated = [row for row in template("S01")["role_types"] if row["origin"] == "document"]

    assert {row["level"] for row in stated} == {"township"}


def test_no_template_visits_people_by_what_they_are() -> None:
    subjects = [(rule["scope"] or {}).get("subject") or "" for rule in template("S17")["patrol"]]

    assert "全体住户" in subjects
    assert not [subject for subject in subjects if re.search("矫正|信访|四必访", subject)]


@pytest.mark.requirement("R-GRID-01")
@pytest.mark.requirement("R-TEN-03", part="a rank is stored beside the number")
def test_a_rank_has_the_number_its_county_gives_it() -> None:
    numbers = {
        identifier: level(identifier, "township")["number"]
        for identifier in ("S12", "S13", "S01", "S05")
    }
    renumbered = template("S12")
    for row, number in zip(renumbered["levels"], (7, 2, 5), strict=True):
        row["number"] = number

    assert numbers == {"S12": 1, "S13": 2, "S01": 3, "S05": None}
    assert all(level(identifier, "township")["rank"] == "township" for identifier in numbers)
    assert validate(renumbered) == []


@pytest.mark.requirement("R-GRID-02", part="the shipped scheme states it")
def test_city_county_and_township_stand_above_villages_without_a_number() -> None:
    assert [(row["number"], row["rank"], row["scope"]) for row in template("S01")["levels"]] == [
        (1, "prefecture_city", "upper"),
        (2, "county", "upper"),
        (3, "township", "own"),
        (None, "village", "own"),
    ]


@pytest.mark.requirement("R-TEN-07", part="the scheme states the levels above")
def test_provincial_levels_stand_above_a_district_that_runs_the_last_two() -> None:
    assert [(row["number"], row["scope"]) for row in template("S11")["levels"]] == [
        (1, "upper"), (2, "upper"), (3, "own"), (4, "own"),
    ]  # fmt: skip


@pytest.mark.requirement("R-TEN-06", part="the shipped scheme states it")
def test_a_districts_leading_group_can_be_the_top_level() -> None:
    top = template("S14")["levels"][0]

    assert (top["number"], top["rank"], top["scope"]) == (1, "county", "own")
    assert top["unit_types"] == ["leading_group"]


@pytest.mark.requirement("R-TEN-10", part="the shipped schemes use one title at several ranks")
def test_one_title_stands_at_different_ranks_without_conflict() -> None:
    assert "community" in level("S03", "village")["unit_types"]
    assert "community" in level("S11", "township")["unit_types"]
    assert "community" in level("S16", "township")["unit_types"]


@pytest.mark.parametrize(
    ("identifier", "level_id", "count"),
    [
        ("S04", "village", 21), ("S07", "township", 1), ("S07", "village", 6),
        ("S10", "village", 6), ("S11", "township", 9), ("S12", "township", 1),
        ("S12", "village", 12), ("S13", "village", 10), ("S15", "village", 12),
        ("S15", "sub_village", 56), ("S17", "village", 9), ("S02", "village", None),
    ],
)  # fmt: skip
def test_expected_counts_are_kept_and_masked_ones_are_not_stated(
    identifier: str, level_id: str, count: int | None
) -> None:
    assert level(identifier, level_id)["expected_count"] == count


@pytest.mark.parametrize(
    ("identifiers", "names"),
    [
        pytest.param(["S01", "S04", "S10", "S13"], "区域 人员 职责 任务 奖惩",
                     marks=pytest.mark.requirement("R-GRID-21", part="the shipped schemes state it")),
        pytest.param(["S03"], "区域 职责 人员 任务 考核",
                     marks=pytest.mark.requirement("R-GRID-22", part="the shipped scheme states it")),
        pytest.param(["S11"], "区域 人员 任务 责任 场所",
                     marks=pytest.mark.requirement("R-GRID-23", part="the shipped scheme states it")),
    ],
)  # fmt: skip
def test_the_checklist_is_the_countys(identifiers: list[str], names: str) -> None:
    for identifier in identifiers:
        assert [item["name"] for item in template(identifier)["checklist"]] == names.split()


@pytest.mark.requirement("R-GRID-24", part="the shipped schemes state it")
def test_a_checklist_can_have_four_items() -> None:
    first, second = (
        [item["name"] for item in template(found)["checklist"]] for found in ("S16", "S14")
    )

    assert first == ["区域", "职责", "任务", "人员"]
    assert second == ["区域", "目标", "任务", "人员"]


@pytest.mark.requirement("R-GRID-15", part="the scheme states it")
def test_the_ground_of_the_division_is_recorded() -> None:
    assert template("S09")["basis"]["division"] == "both"
    assert template("S16")["basis"]["division"] == "both"
    assert template("S01")["basis"]["division"] is None
    assert validate({**template("S01"), "basis": {"division": "area"}}) == []
    assert validate({**template("S01"), "basis": {"division": "industry"}}) == []


@pytest.mark.requirement("R-GRID-36", part="the shipped schemes state them")
def test_the_documents_a_scheme_rests_on_are_listed_with_their_trial_mark() -> None:
    (provincial,) = template("S02")["basis"]["documents"]
    (county,) = template("S03")["basis"]["documents"]
    trial = {**template("S03"), "basis": {"trial": True, "documents": [provincial, county]}}

    assert provincial["trial"] is True
    assert county["issuer"] == "瓜州县人民政府办公室"
    assert template("S09")["basis"]["documents"][0]["number"] == "川办发 47号"
    assert validate(trial) == []


@pytest.mark.requirement("R-GRID-49", part="the shipped scheme states it")
def test_who_organises_coordinates_and_carries_out_is_recorded() -> None:
    parties = template("S13")["basis"]["parties"]

    assert (parties["organises"], parties["coordinates"]) == ("政府", "环保办")
    assert (parties["carries_out"], parties["takes_part"]) == ("各村、乡级各站所办", "社会各界")


@pytest.mark.requirement("R-PERS-05", part="the shipped scheme states it")
def test_a_township_grid_needs_a_first_a_direct_and_two_officers() -> None:
    needed = {
        kind: (role("S12", f"township.{kind}")["min"], role("S12", f"township.{kind}")["max"])
        for kind in ("leader", "direct", "officer")
    }

    assert needed == {"leader": (1, 1), "direct": (1, 1), "officer": (2, 2)}
    assert role("S12", "township.leader")["holder"] == "乡长"
    assert role("S12", "township.direct")["holder"] == "分管领导"


@pytest.mark.requirement("R-PERS-12", part="the shipped scheme states it")
def test_the_holder_rule_of_one_kind_of_unit_takes_the_place_of_the_levels() -> None:
    chief = role("S11", "township.leader")

    assert chief["holder"] == "街道、社区主要负责人"
    assert [(row["unit_type"], row["holder"]) for row in chief["overrides"]] == [
        ("development_zone", "分管负责人")
    ]


@pytest.mark.requirement("R-PERS-13", part="the shipped scheme states it")
def test_a_level_can_need_exactly_one_direct_responsible_person() -> None:
    assert (role("S11", "township.direct")["min"], role("S11", "township.direct")["max"]) == (1, 1)


@pytest.mark.requirement("R-PERS-14", part="the shipped schemes state it")
@pytest.mark.parametrize(
    ("identifier", "role_id"),
    [("S11", "township.member"), ("S11", "village.member"), ("S13", "village.patroller_source"),
     ("S16", "district.patroller"), ("S16", "township.patroller")],
)  # fmt: skip
def test_several_means_at_least_one_and_no_upper_bound(identifier: str, role_id: str) -> None:
    found = role(identifier, role_id)

    assert (found["min"], found["max"]) == (1, None)


@pytest.mark.requirement("R-PERS-16", part="the shipped scheme states it")
def test_a_village_grid_is_led_by_the_leader_of_its_committee() -> None:
    assert role("S11", "village.leader")["holder"] == "村(居)主要负责人"


@pytest.mark.requirement("R-CASE-14", part="the shipped schemes state it")
def test_who_decides_a_joint_enforcement_is_a_setting() -> None:
    rules = {i: template(i)["cases"]["joint_enforcement"] for i in ("S01", "S12", "S13", "S14")}

    assert {i: (rule["organiser"], rule["organiser_scope"]) for i, rule in rules.items()} == {
        "S01": ("网格责任领导", "own"),
        "S12": ("县政府", "external"),
        "S13": ("二级网格的责任主体", "own"),
        "S14": ("一级网格(区政府)", "own"),
    }
    assert rules["S01"]["organiser_role"] == "township.leader"


@pytest.mark.requirement("R-MEET-02", part="the shipped schemes state it")
def test_the_convener_of_the_joint_meeting_is_a_setting() -> None:
    assert template("S01")["meetings"][0]["convener_role"] == "township.leader"
    assert template("S14")["meetings"][0]["convener"] == "领导小组"


@pytest.mark.requirement("R-MEET-07", part="the shipped scheme states it")
def test_a_joint_meeting_without_an_interval_is_valid() -> None:
    (meeting,) = template("S13")["meetings"]

    assert (meeting["name"], meeting["per"]) == ("联席会议", None)


@pytest.mark.requirement("R-ASSESS-01", part="the shipped schemes state it")
def test_assessment_is_configured_by_the_scheme() -> None:
    assessment = template("S01")["assessment"]

    assert (assessment["basis"], assessment["points"]) == ("村级网格", 12)
    assert (assessment["direction"], assessment["per"]) == ("deduct", "year")
    assert (assessment["publish_per"], assessment["self_evaluation_per"]) == ("quarter", "year")
    assert assessment["feeds"] == "年度绩效考核"
    assert template("S12")["assessment"]["veto"] is True
    assert template("S12")["assessment"]["points"] is None


@pytest.mark.requirement("R-ASSESS-15", part="the shipped scheme states it")
def test_a_hundred_point_scheme_may_leave_its_method_open() -> None:
    assessment = template("S17")["assessment"]

    assert (assessment["points"], assessment["items"]) == (100, [])


@pytest.mark.requirement("R-DISC-04", part="the shipped scheme states it")
def test_the_public_list_can_hold_the_three_simultaneities() -> None:
    items = template("S16")["disclosure"]["items"]

    assert "环保“三同时”执行情况" in [item["name"] for item in items]


@pytest.mark.requirement("R-DEPT-09", part="the shipped scheme states it")
def test_posts_and_stations_of_a_township_can_be_departments() -> None:
    names = [department["name"] for department in template("S12")["departments"]]

    assert len(names) == 9
    assert {"乡水利员", "乡农技、兽医站"} <= set(names)


def routing_rows() -> list[Any]:
    """The requirements that state one department's routing, as (template, department, duties)."""
    sentence = re.compile(r"Routing of the (?P<source>\S+) scheme \((?P<id>S\d+)\): (?P<rest>.*)\.")
    rows = []
    for requirement in catalogue.load().values():
        found = sentence.fullmatch(requirement.sentence)
        if found:
            mark = pytest.mark.requirement(requirement.id, part="the shipped scheme states it")
            rows.append(pytest.param(found["id"], found["rest"], id=requirement.id, marks=mark))
    return rows


@pytest.mark.parametrize(("identifier", "sentence"), routing_rows())
def test_a_departments_duties_are_those_of_its_document(identifier: str, sentence: str) -> None:
    verbs = "|".join(MODES)
    department, _, _ = re.split(rf" ({verbs}) ", sentence, maxsplit=1)
    stated = {
        (category, MODES[verb])
        for verb, categories in re.findall(rf"({verbs}) ([a-z_, ]+)", sentence)
        for category in categories.strip(" ,").split(", ")
    }

    (found,) = [d for d in template(identifier)["departments"] if d["name"] == department]

    assert {(duty["category"], duty["mode"]) for duty in found["duties"]} == stated


def test_all_routing_rows_of_both_documents_are_there() -> None:
    counts = {
        identifier: sum(len(d["duties"]) for d in template(identifier)["departments"])
        for identifier in ("S12", "S14")
    }

    assert counts == {"S12": 44, "S14": 108}
    assert len(routing_rows()) == 37


@pytest.mark.parametrize("identifier", ["S12", "S14"])
def test_categories_have_chinese_names_of_their_own(identifier: str) -> None:
    names = [category["name"] for category in template(identifier)["categories"]]

    assert len(set(names)) == len(names)
    assert all(re.search("[\u4e00-\u9fff]", name) for name in names)


@pytest.mark.parametrize(
    ("identifier", "rule_id", "times", "period", "role_id"),
    [
        ("S02", "village_patrol", 2, "month", "village.patroller"),
        ("S04", "village_patrol", 1, "week", "village.patroller"),
        ("S10", "village_patrol", 2, "month", "village.patroller"),
        ("S12", "village_patrol", None, "regular", None),
        ("S13", "village_patrol", 1, "week", "village.patroller"),
        ("S13", "village_patrol_2", 1, "week", "village.patroller_source"),
        ("S13", "township_supervision_check", 1, "week", None),
        ("S17", "unplaced_patrol", 1, "day", None),
    ],
)
def test_patrol_rules_keep_their_number_and_their_post(
    identifier: str, rule_id: str, times: int | None, period: str, role_id: str | None
) -> None:
    rule = _only(template(identifier)["patrol"], rule_id)

    assert (rule["at_least"], rule["per"], rule["role"]) == (times, period, role_id)
