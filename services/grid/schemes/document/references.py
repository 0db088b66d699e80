"""Faults that no single field shows: ids used twice or not defined, bounds and steps out of order.

The checks read the document as it was given and pass over what is not of the right shape, so that
their findings appear together with those about shape.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from services.grid.schemes.document import vocabulary as words
from services.grid.schemes.document.problem import Problem, pointer

Path = tuple[str | int, ...]

# What may be referred to: where it is defined, and what people call it.
_DEFINED: Final = {
    "level": ("levels/*/id", "level", "层级"),
    "role": ("role_types/*/id", "role type", "岗位类型"),
    "kind": ("role_types/*/kind", "role type of the kind", "岗位类别"),
    "unit_type": ("levels/*/unit_types/*", "level with units of the type", "单元类型"),
    "category": ("categories/*/id", "category", "事项类别"),
    "source_type": ("sources/types/*/id", "source type", "污染源类型"),
    "grade": ("sources/grades/*/id", "source grade", "监管等级"),
    "clock": ("cases/clocks/*/kind", "clock of the kind", "时限"),
    "patrol": ("patrol/*/id", "patrol rule", "巡查规则"),
    "report": ("reports/*/id", "report", "报告"),
}

_REFERENCES: Final = (
    ("role_types/*/level", "level"),
    ("role_types/*/overrides/*/unit_type", "unit_type"),
    ("special_grids/carve_out_unit_types/*", "unit_type"),
    ("staffing/totals/*/role_types/*", "role"),
    ("patrol/*/level", "level"),
    ("patrol/*/role", "role"),
    ("patrol/*/scope/source_types/*", "source_type"),
    ("patrol/*/scope/grades/*", "grade"),
    ("patrol/*/scope/categories/*", "category"),
    ("categories/*/parent", "category"),
    ("departments/*/duties/*/category", "category"),
    ("departments/*/duties/*/area/unit_types/*", "unit_type"),
    ("cases/powers/*/level", "level"),
    ("cases/clocks/*/level", "level"),
    ("cases/clocks/*/category", "category"),
    ("cases/escalation/*/to", "level"),
    ("cases/escalation/*/clock", "clock"),
    ("cases/joint_enforcement/organiser_role", "role"),
    ("cases/rewards/amounts/*/category", "category"),
    ("reports/*/level", "level"),
    ("reports/*/role", "role"),
    ("meetings/*/convener_role", "role"),
    ("notifications/rules/*/to_kinds/*", "kind"),
    ("overrides/*/patrol/*/id", "patrol"),
    ("overrides/*/patrol/*/level", "level"),
    ("overrides/*/patrol/*/role", "role"),
    ("overrides/*/reports/*/id", "report"),
    ("overrides/*/reports/*/level", "level"),
    ("overrides/*/reports/*/role", "role"),
    ("overrides/*/holders/*/role_type", "role"),
)

# Lists whose entries are told apart by these fields taken together.
_UNIQUE: Final = (
    ("levels", ("id",)),
    ("role_types", ("id",)),
    ("special_grids/overlay_zones", ("id",)),
    ("checklist", ("id",)),
    ("patrol", ("id",)),
    ("sources/types", ("id",)),
    ("sources/grades", ("id",)),
    ("sources/zones", ("id",)),
    ("sources/file_standard", ("id",)),
    ("categories", ("id",)),
    ("departments", ("id",)),
    ("departments/*/duties", ("category", "mode", "area")),
    ("cases/types", ("id",)),
    ("cases/powers", ("level",)),
    ("cases/clocks", ("kind", "from", "stops", "category", "level")),
    ("cases/penalties", ("id",)),
    ("reports", ("id",)),
    ("meetings", ("id",)),
    ("assessment/items", ("id",)),
    ("disclosure/items", ("id",)),
    ("calendar/overrides", ("date",)),
    ("overrides", ("admin_code",)),
    ("overrides/*/patrol", ("id",)),
    ("overrides/*/reports", ("id",)),
    ("overrides/*/holders", ("role_type",)),
)

_BOUNDED: Final = (
    "role_types/*",
    "role_types/*/overrides/*",
    "overrides/*/holders/*",
    "assessment/external_score",
)


def reference_problems(document: object) -> Iterator[Problem]:
    """Every fault between parts of the document."""
    for check in _CHECKS:
        yield from check(document)


def _at(value: object, pattern: str, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The values a pattern such as `levels/*/id` leads to, with the path to each; never null."""
    step, _, rest = pattern.partition("/")
    if not pattern:
        if value is not None:
            yield path, value
    elif step == "*":
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            yield from _at(entry, rest, (*path, index))
    elif isinstance(value, dict) and step in value:
        yield from _at(value[step], rest, (*path, step))


def _texts(document: object, pattern: str) -> list[str]:
    return [value for _, value in _at(document, pattern) if isinstance(value, str)]


def _undefined(document: object) -> Iterator[Problem]:
    defined = {name: _texts(document, where) for name, (where, _, _) in _DEFINED.items()}
    checked = _levels_checked(document)
    for pattern, name in _REFERENCES:
        _, en, zh = _DEFINED[name]
        for path, value in _at(document, pattern):
            if isinstance(value, str) and value not in defined[name] and path not in checked:
                known = ", ".join(dict.fromkeys(defined[name])) or "-"
                yield Problem(
                    pointer(*path),
                    f"No {en} {value!r} in this scheme; there is: {known}.",
                    f"本方案中没有{zh}“{value}”,现有:{known}。",
                )


def _levels_checked(document: object) -> set[Path]:
    """Where a rule names a level to be checked on: it may lie below those of the scheme."""
    return {
        (*path, "level")
        for path, rule in _at(document, "patrol/*")
        if isinstance(rule, dict) and rule.get("kind") == "supervision_check"
    }


def _repeated(document: object) -> Iterator[Problem]:
    for pattern, names in _UNIQUE:
        for path, rows in _at(document, pattern):
            yield from _repeated_in(path, rows if isinstance(rows, list) else [], names)


def _repeated_in(path: Path, rows: list[Any], names: tuple[str, ...]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        key = [row.get(name) for name in names] if isinstance(row, dict) else [None]
        if key[0] is None:
            continue
        first = seen.setdefault(repr(key), index)
        if first != index:
            where = pointer(*path, first)
            yield Problem(
                pointer(*path, index, names[0]),
                f"Used twice: {', '.join(names)} must be unique here, see {where}.",
                f"重复:此处 {'、'.join(names)} 不得重复,参见 {where}。",
            )


def _bounds(document: object) -> Iterator[Problem]:
    for pattern in _BOUNDED:
        for path, row in _at(document, pattern):
            least, most = _bound(row, "min"), _bound(row, "max")
            if least is not None and most is not None and least > most:
                yield Problem(
                    pointer(*path, "min"),
                    f"min {least} is greater than max {most}.",
                    f"下限 {least} 大于上限 {most}。",
                )


def _bound(row: object, name: str) -> float | None:
    value = row.get(name) if isinstance(row, dict) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _levels_in_order(document: object) -> Iterator[Problem]:
    """Levels run from the top down: upper ones first, and never a higher rank below a lower one."""
    above: dict[str, Any] = {}
    rows = [(path, row) for path, row in _at(document, "levels/*") if isinstance(row, dict)]
    for path, row in rows:
        rank, last = row.get("rank"), above.get("rank")
        if rank in words.RANKS and last in words.RANKS and _higher(rank, last):
            yield Problem(
                pointer(*path, "rank"),
                f"Levels run from the top down: {rank} cannot follow {last}.",
                f"层级应自上而下排列:{rank} 不能排在 {last} 之后。",
            )
        if row.get("scope") == "upper" and above.get("scope") == "own":
            yield Problem(
                pointer(*path, "scope"),
                "An upper level comes before the county's own levels.",
                "上级层级应排在本级层级之前。",
            )
        above = row
    if rows and not any(row.get("scope") == "own" for _, row in rows):
        yield Problem(
            "/levels", "At least one level must be the county's own.", "至少应有一个本级层级。"
        )


def _higher(rank: str, other: str) -> bool:
    return words.RANKS.index(rank) < words.RANKS.index(other)


def _powers_on_own_levels(document: object) -> Iterator[Problem]:
    upper = [
        row.get("id")
        for _, row in _at(document, "levels/*")
        if isinstance(row, dict) and row.get("scope") == "upper"
    ]
    for path, level in _at(document, "cases/powers/*/level"):
        if level in upper:
            yield Problem(
                pointer(*path),
                f"Level {level!r} lies above the county, which cannot give it powers.",
                f"层级“{level}”在本县之上,不能由本县授权。",
            )


def _roles_in_place(document: object) -> Iterator[Problem]:
    for path, role in _at(document, "role_types/*"):
        off_ladder = isinstance(role, dict) and role.get("at") in ("department", "county")
        if off_ladder and role.get("level") is not None:
            yield Problem(
                pointer(*path, "level"),
                f"A post at a {role['at']} stands on no level: remove it or set at to grid.",
                "部门或县级岗位不属于任何层级:请删除层级,或将 at 设为 grid。",
            )


def _clocks_run_forward(document: object) -> Iterator[Problem]:
    for path, clock in _at(document, "cases/clocks/*"):
        if not isinstance(clock, dict):
            continue
        start, stop = clock.get("from"), clock.get("stops")
        known = start in words.STEPS and stop in words.STEPS
        if known and words.STEPS.index(stop) <= words.STEPS.index(start):
            yield Problem(
                pointer(*path, "stops"),
                f"A clock that starts at {start} cannot stop at {stop}.",
                f"自“{start}”起算的时限不能止于“{stop}”。",
            )


def _one_default_department(document: object) -> Iterator[Problem]:
    marked = [path for path, value in _at(document, "departments/*/default") if value is True]
    for path in marked[1:]:
        yield Problem(
            pointer(*path),
            f"Only one department can be the default; {pointer(*marked[0])} is one already.",
            f"默认部门只能有一个,{pointer(*marked[0])} 已是默认部门。",
        )


def _categories_without_circles(document: object) -> Iterator[Problem]:
    rows = [
        (path, row)
        for path, row in _at(document, "categories/*")
        if isinstance(row, dict) and isinstance(row.get("id"), str)
    ]
    parents = {row["id"]: str(row.get("parent")) for _, row in rows}
    for path, row in rows:
        start: str = row["id"]
        passed, step = {start}, parents[start]
        while step in parents and step not in passed:
            passed.add(step)
            step = parents[step]
        if step == start:
            yield Problem(
                pointer(*path, "parent"),
                f"Category {start!r} lies under itself.",
                f"事项类别“{start}”的上级链成环。",
            )


_CHECKS: Final[tuple[Callable[[Any], Iterator[Problem]], ...]] = (
    _undefined,
    _repeated,
    _bounds,
    _levels_in_order,
    _powers_on_own_levels,
    _roles_in_place,
    _clocks_run_forward,
    _one_default_department,
    _categories_without_circles,
)
