"""What keeps a scheme document from being published in a county, grids of today considered."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from services.grid.schemes import document as scheme
from services.grid.schemes.document.problem import Problem
from services.grid.tree.domain.grids import LevelGrids, count_by_level


def faults(
    document: Mapping[str, Any],
    grids: Sequence[LevelGrids],
    time_zone: str,
    townships: Collection[str],
) -> list[Problem]:
    """Everything that keeps a document from being published in a county, by pointer.

    ``townships`` are the codes that the document's overrides may name.
    """
    return sorted(
        {
            *scheme.validate(document),
            *_levels_without_a_body(document, grids),
            *foreign_townships(document, townships),
            *_another_time_zone(document, time_zone),
        }
    )


def warnings(document: Mapping[str, Any], grids: Sequence[LevelGrids]) -> list[Problem]:
    """What may be published and is worth a look, grids of today considered."""
    return sorted({*scheme.warnings(document), *_grids_without_a_level(document, grids)})


def override_codes(document: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Where the document's overrides stand, and the codes they name."""
    rows = document.get("overrides")
    return [
        (index, row["admin_code"])
        for index, row in enumerate(rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and isinstance(row.get("admin_code"), str)
    ]


def foreign_townships(document: Mapping[str, Any], townships: Collection[str]) -> Iterator[Problem]:
    """Overrides whose code is no township of the county."""
    for index, code in override_codes(document):
        if code not in townships:
            yield Problem(
                f"/overrides/{index}/admin_code",
                f"{code!r} is no township of this county: give its code of 9 digits.",
                f"“{code}”不是本县乡镇(街道),应为其 9 位代码。",
            )


def _levels_without_a_body(
    document: Mapping[str, Any], grids: Sequence[LevelGrids]
) -> Iterator[Problem]:
    counts = count_by_level(grids)
    for index, level in _levels(document):
        count = counts.get(str(level.get("id")), 0)
        if level.get("scope") == "own" and count and not level.get("responsible_body"):
            yield Problem(
                f"/levels/{index}/responsible_body",
                f"The level has {count} grids: state who is responsible for them.",
                f"该层级已有 {count} 个网格,请填写责任主体。",
            )


def _another_time_zone(document: Mapping[str, Any], time_zone: str) -> Iterator[Problem]:
    calendar = document.get("calendar")
    stated = calendar.get("time_zone") if isinstance(calendar, Mapping) else None
    if isinstance(stated, str) and stated != time_zone:
        yield Problem(
            "/calendar/time_zone",
            f"The county lives in {time_zone}, which does not change with its scheme.",
            f"本县时区为 {time_zone},不随方案改变。",
        )


def _grids_without_a_level(
    document: Mapping[str, Any], grids: Sequence[LevelGrids]
) -> Iterator[Problem]:
    known = [level.get("id") for _, level in _levels(document)]
    for level_id, count in count_by_level(grids).items():
        if level_id not in known:
            yield Problem(
                "/levels",
                f"Level {level_id!r} is gone, but {count} grids are on it.",
                f"层级“{level_id}”已被删除,但仍有 {count} 个网格。",
            )


def _levels(document: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = document.get("levels")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, Mapping):
            yield index, row
