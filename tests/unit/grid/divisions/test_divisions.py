"""Reading the published table of administrative divisions."""

import gzip
import time
from collections import Counter
from pathlib import Path

import pytest

from services.grid.data import Division, divisions_under
from shared.errors import DomainError


def test_a_county_comes_with_all_its_townships_and_villages() -> None:
    found = list(divisions_under("430223"))

    assert found[0] == Division("430223", "攸县", "county", "4302")
    assert Counter(division.level for division in found) == {
        "county": 1,
        "township": 19,
        "village": 299,
    }
    assert Division("430223126", "宁家坪镇", "township", "430223") in found
    codes = {division.code for division in found}
    assert all(division.parent in codes for division in found[1:])


def test_levels_keep_only_what_they_name() -> None:
    townships = list(divisions_under("430223", levels=["township"]))

    assert len(townships) == 19
    assert {division.level for division in townships} == {"township"}


def test_a_village_is_its_own_only_answer() -> None:
    assert [d.name for d in divisions_under("430223126001")] == ["宁家坪社区"]


def test_a_county_is_found_in_under_half_a_second() -> None:
    started = time.process_time()

    assert sum(1 for _ in divisions_under("659012")) > 0

    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("code", "levels", "reason"),
    [
        ("430299", None, "DIVISION_UNKNOWN"),
        ("99", None, "DIVISION_UNKNOWN"),
        ("43022", None, "DIVISION_CODE_MALFORMED"),
        ("43022x", None, "DIVISION_CODE_MALFORMED"),
        ("", None, "DIVISION_CODE_MALFORMED"),
        ("430223", ["town"], "DIVISION_LEVEL_UNKNOWN"),
    ],
)
def test_a_wrong_question_is_refused_at_the_call(
    code: str, levels: list[str] | None, reason: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        divisions_under(code, levels)

    assert refusal.value.reason == reason


@pytest.mark.parametrize("ending", ["", "\n"])
def test_the_last_line_counts_with_or_without_a_line_break(tmp_path: Path, ending: str) -> None:
    table = tmp_path / "table.csv.gz"
    rows = 'code,name,level,parent\n11,北京市,province,\n12,"天津,市",province,'
    table.write_bytes(gzip.compress((rows + ending).encode()))

    assert [d.name for d in divisions_under("12", table=table)] == ["天津,市"]
