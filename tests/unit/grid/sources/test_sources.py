"""Rules of the ledger of pollution sources."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid.schemes.document import normalise, validate
from services.grid.sources.domain import credit_codes
from services.grid.sources.domain.ledger import (
    Profile,
    Source,
    SourceState,
    Verification,
    changed,
    grade_faults,
    name_key,
    profile_faults,
    verified,
)
from services.grid.sources.domain.lists import COMPARED, Origin, conflicts, filled, read_row
from services.grid.sources.domain.settings import DEFAULT_TYPES, SourceSettings
from services.grid.sources.domain.totals import Share, Tally, part_of, shares, total
from services.grid.templates import template
from shared.numbers import CREDIT_CODE_ALPHABET, credit_check_character, is_credit_code

GRID = UUID(int=41)
CODE = "91430223MA4L1ABC0" + credit_check_character("91430223MA4L1ABC0")
NOW = datetime(2026, 3, 5, tzinfo=UTC)


def settings(**given: Any) -> SourceSettings:
    document = template("S06")
    return SourceSettings.of({**document, "sources": {**document["sources"], **given}})


def profile(**given: Any) -> Profile:
    return Profile(**{"grid_id": GRID, "name": "测试养殖场", "type": "livestock_farming", **given})


def pointers(subject: Profile, of: SourceSettings) -> list[str]:
    return [fault.pointer for fault in profile_faults(subject, of)]


@pytest.mark.parametrize(
    ("body", "check"), [("91350100M000100Y4", "3"), ("91420100MA4KLXX00", None)]
)
def test_a_credit_code_carries_its_check(body: str, check: str | None) -> None:
    fitting = credit_check_character(body)

    assert check in {None, fitting}
    assert is_credit_code(body + fitting)
    others = set(CREDIT_CODE_ALPHABET) - {fitting}
    assert not any(is_credit_code(body + other) for other in others)


@pytest.mark.parametrize("wrong", ["", CODE[:-1], CODE + "0", CODE.replace("9", "I", 1)])
def test_what_is_no_credit_code_is_refused(wrong: str) -> None:
    assert not is_credit_code(wrong)
    assert is_credit_code(credit_codes.normal(f" {CODE.lower()} "))


@given(st.text(CREDIT_CODE_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_one_wrong_character_never_passes(body: str, at: int, data: st.DataObject) -> None:
    code = body + credit_check_character(body)
    wrong = data.draw(st.sampled_from([each for each in CREDIT_CODE_ALPHABET if each != code[at]]))

    assert is_credit_code(code)
    assert not is_credit_code(code[:at] + wrong + code[at + 1 :])


@pytest.mark.requirement("R-SRC-19")
@pytest.mark.requirement("R-SRC-21")
@pytest.mark.requirement("R-SRC-23")
@pytest.mark.requirement("R-SRC-25")
def test_without_types_of_its_own_a_county_has_those_that_documents_name() -> None:
    names = {
        *("排污企业", "生态环境", "信访案件", "污染纠纷", "环境安全隐患", "违法建设项目"),
        *("饮用水源地", "农村环境综合整治", "畜禽养殖", "水产养殖", "农业面源污染", "秸秆焚烧"),
        *("垃圾焚烧", "杂草杂物焚烧", "不合法卖煤摊点", "沙石料场", "商砼站", "水环境污染"),
        *("面源污染", "企业污水直排", "生活污水直排"),
    }

    assert names <= set(settings().types.values())
    assert all(pointers(profile(type=each), settings()) == [] for each in DEFAULT_TYPES)


@pytest.mark.requirement("R-SRC-13")
@pytest.mark.requirement("R-SRC-20")
def test_types_and_zones_of_the_county_take_the_place_of_the_platform_s() -> None:
    own = settings(
        types=[{"id": "emission_reduction", "name": "减排治理项目"}],
        zones=[{"id": "core", "name": "核心区"}],
    )

    assert pointers(profile(type="emission_reduction", zone="core"), own) == []
    assert pointers(profile(zone="limited"), own) == ["/type", "/zone"]
    assert pointers(profile(zone="limited"), settings()) == []


def test_every_fault_of_a_source_is_named_at_once() -> None:
    wrong = profile(
        name="()", type="shop", zone="moon", credit_code=CODE[:-1], longitude=200.0, latitude=27.0,
        address="长" * 201, industry="两\n行",
    )  # fmt: skip

    assert sorted(pointers(wrong, settings())) == [
        *("/address", "/credit_code", "/industry", "/longitude", "/name", "/type", "/zone")
    ]
    assert pointers(profile(latitude=27.0), settings()) == ["/longitude"]
    assert pointers(profile(longitude=float("nan"), latitude=27.0), settings()) == ["/longitude"]


def test_a_grade_must_be_one_of_the_scheme_s() -> None:
    own = settings(grades=[{"id": "one", "name": "一级", "supervision": None}])

    assert grade_faults("", own) == grade_faults("", settings()) == grade_faults("one", own) == []
    for grade, of in (("two", own), ("one", settings())):
        assert [fault.pointer for fault in grade_faults(grade, of)] == ["/grade"]


def test_a_grade_brings_what_the_scheme_asks_for_it() -> None:
    rule = {"id": "weekly", "scope": {"grades": ["one"]}}
    document = {
        **template("S06"),
        "sources": {
            "types": [],
            "grades": [
                {"id": "one", "name": "一级", "supervision": {"at_least": 2, "per": "month"}},
                {"id": "two", "name": "二级", "supervision": None},
            ],
            "minimum_count": 3500,
        },
        "patrol": [rule, {"id": "other", "scope": None}],
    }

    found = SourceSettings.of(document)

    one, two = found.grades["one"], found.grades["two"]
    assert (one.at_least, one.per, one.patrol_rules) == (2, "month", ("weekly",))
    assert (two.at_least, two.per, two.patrol_rules) == (None, None, ())
    assert (found.minimum_count, found.file_standard) == (3500, ())


def test_words_of_a_scheme_are_told_apart() -> None:
    document = template("S06")
    part = {"id": "filing", "name": "备案", "required": True}
    zone = {"id": "core", "name": "核心区"}

    def faults(**given: Any) -> list[str]:
        own = {**document["sources"], **given}
        return [problem.pointer for problem in validate({**document, "sources": own})]

    assert faults(file_standard=[part], zones=[zone]) == []
    assert faults(file_standard=[part, part]) == ["/sources/file_standard/1/id"]
    assert faults(zones=[zone, zone]) == ["/sources/zones/1/id"]
    assert faults(file_standard=[{"id": "filing"}]) == ["/sources/file_standard/0/name"]
    del document["sources"]["zones"], document["sources"]["file_standard"]
    assert normalise(document)["sources"]["zones"] == []
    assert normalise(document)["sources"]["file_standard"] == []


def test_names_that_differ_in_form_alone_are_the_same() -> None:
    assert name_key("测试(甲)养殖 场 A") == name_key("测试(甲)养殖场a")
    assert name_key("测试甲场") != name_key("测试乙场")


def source(**given: Any) -> Source:
    return Source(source_id=UUID(int=1), profile=profile(**given), created_at=NOW, version=1)


def test_a_look_on_site_says_how_a_source_stands() -> None:
    before = source(state=SourceState.SUSPENDED)

    states = {found: verified(before, found, NOW).profile.state for found in Verification}

    assert states[Verification.OPERATING] is SourceState.OPERATING
    assert states[Verification.CLOSED] is SourceState.CLOSED
    assert states[Verification.NOT_FOUND] is SourceState.SUSPENDED
    assert verified(before, Verification.CLOSED, NOW).version == 2
    assert changed(before, before.profile) is before


def read(**cells: str) -> Any:
    given = {"name": "测试养殖场", "type": "畜禽养殖", **cells}
    return read_row(2, given, GRID, settings())


def test_a_row_is_understood_by_ids_or_by_the_county_s_names() -> None:
    entry, faults = read(zone="限养区", longitude="113.35", latitude="27.01", credit_code=CODE)

    assert faults == []
    assert (entry.profile.type, entry.profile.zone) == ("livestock_farming", "limited")
    assert (entry.profile.longitude, entry.profile.credit_code) == (113.35, CODE)
    assert read(type="livestock_farming")[0].profile.type == "livestock_farming"


def test_every_fault_of_a_row_names_its_column() -> None:
    entry, faults = read_row(
        7, {"type": "x", "longitude": "east", "grade": "one", "credit_code": "1"}, None, settings()
    )

    assert entry is None
    assert {fault.pointer for fault in faults} == {
        *("/name", "/type", "/longitude", "/grade", "/grid_code", "/credit_code")
    }


def test_a_list_gives_what_the_ledger_lacks_and_changes_nothing_else() -> None:
    ledger = profile(address="甲路1号")
    said, _ = read(address="乙路2号", industry="养殖", longitude="113.35", latitude="27.01")

    after = filled(ledger, said.profile)

    assert (after.address, after.industry, after.longitude) == ("甲路1号", "养殖", 113.35)
    assert filled(after, said.profile) == after
    assert {name for name in COMPARED if not hasattr(ledger, name)} == set()


def test_what_a_list_says_otherwise_is_shown() -> None:
    said: Mapping[str, str] = {
        "name": "测试养殖场", "type": "畜禽养殖", "address": "乙路2号", "grid_code": "430223126001",
    }  # fmt: skip
    origin = Origin(UUID(int=1), UUID(int=2), "ecology", 2, said, NOW)
    ledger = profile(address="甲路1号")

    assert conflicts(origin, ledger, ("430223126001", "甲村"), settings()) == ["address"]
    assert conflicts(origin, replace(ledger, address="乙路2号"), ("4", "乙村"), settings()) == [
        "grid_code"
    ]


@st.composite
def trees(draw: st.DrawFn) -> list[str]:
    """Paths of a random tree of grids, parents before children."""
    paths = ["1."]
    for node in range(2, draw(st.integers(2, 40))):
        above = draw(st.sampled_from(["", *paths]))
        paths.append(f"{above}{node}.")
    return paths


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[str], list[Tally]]:
    paths = draw(trees())
    tally = st.builds(
        Tally, st.sampled_from(paths), st.sampled_from(["", "a", "b"]), st.integers(1, 9)
    )
    return paths, draw(st.lists(tally, max_size=60))


def counted(parts: list[Share]) -> int:
    return sum(part.count for part in parts)


@pytest.mark.requirement("R-SRC-26")
@given(ledgers())
def test_a_parent_has_its_children_s_sources_and_its_own(
    ledger: tuple[list[str], list[Tally]],
) -> None:
    paths, tallies = ledger
    for path in ["", *paths]:
        children = [each for each in paths if each != path and part_of(each, path) == each
                    and each.startswith(path)]  # fmt: skip

        parts = shares(tallies, path, children)

        own = sum(tally.count for tally in tallies if tally.path == path)
        below = sum(counted(shares(tallies, child)) for child in children)
        everything = sum(tally.count for tally in tallies if tally.path.startswith(path))
        assert counted(parts) == own + below == everything
        assert {part.path for part in parts if not part.own} == set(children)
        assert [part.count for part in parts if part.own] == ([own] if own else [])
        for part in parts:
            if not part.own:
                assert part.groups == total(shares(tallies, part.path))
        assert total(parts) == total([Share("", True, part.groups) for part in parts])
