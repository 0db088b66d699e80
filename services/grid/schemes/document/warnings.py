"""What a valid document may say and is worth a look, in both languages."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.grid.schemes.document.problem import Problem, pointer

_NUMBERS: Final = {word: number for number, word in enumerate("一二三四五六七八九", start=1)}
_NUMBERED_LEVEL: Final = re.compile(f"([{''.join(_NUMBERS)}])级网格")
_TWO_LEVELS: Final = "两级网格"


def warnings(document: object) -> list[Problem]:
    """What is worth a look, in the order of the pointers; it never keeps a document from use."""
    if not isinstance(document, Mapping):
        return []
    return sorted({found for check in _CHECKS for found in check(document)})


def _levels_said_as_a_count(document: Mapping[str, Any]) -> Iterator[Problem]:
    """`两级` is the word for two of something, but stands for `二级`, the second, in some papers."""
    for index, level in _objects(document, "levels"):
        for member in ("name", "quote"):
            if _TWO_LEVELS in str(level.get(member) or ""):
                yield Problem(
                    pointer("levels", index, member),
                    "两级 (two levels) was read as 二级 (level 2): check the level's number.",
                    "“两级”已按“二级”理解,请核对该层级的编号。",
                )


def _rules_of_absent_levels(document: Mapping[str, Any]) -> Iterator[Problem]:
    levels = [level for _, level in _objects(document, "levels")]
    known = [level.get("id") for level in levels]
    stated = [level.get("number") for level in levels] + _implied_numbers(document)
    numbers = {number for number in stated if isinstance(number, int)}
    for index, rule in _objects(document, "patrol"):
        level = rule.get("level")
        if rule.get("kind") != "supervision_check":
            continue
        if isinstance(level, str) and level not in known:
            yield Problem(
                pointer("patrol", index, "level"),
                f"The rule is about level {level!r}, which this scheme does not have.",
                f"该规则所指层级“{level}”不在本方案中。",
            )
        for member, text in _words_of(rule):
            for found in dict.fromkeys(_NUMBERED_LEVEL.findall(text)):
                if numbers and _NUMBERS[found] not in numbers:
                    yield Problem(
                        pointer("patrol", index, *member),
                        f"The rule speaks of level {_NUMBERS[found]}, which this scheme does not have.",
                        f"该规则提到“{found}级网格”,本方案没有这一层级。",
                    )


def _implied_numbers(document: Mapping[str, Any]) -> list[Any]:
    provenance = document.get("provenance")
    implied = provenance.get("implied_upper_numbers") if isinstance(provenance, Mapping) else None
    return list(implied) if isinstance(implied, list) else []


def _words_of(rule: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    scope = rule.get("scope")
    subject = scope.get("subject") if isinstance(scope, Mapping) else None
    words = ((("actor",), rule.get("actor")), (("scope", "subject"), subject))
    for member, text in (*words, (("quote",), rule.get("quote"))):
        if isinstance(text, str):
            yield member, text


def _levels_that_are_empty(document: Mapping[str, Any]) -> Iterator[Problem]:
    staffed = [role.get("level") for _, role in _objects(document, "role_types")]
    for index, level in _objects(document, "levels"):
        stated = (level.get("expected_count"), level.get("responsible_body"))
        if level.get("scope") == "own" and level.get("id") not in staffed and not any(stated):
            yield Problem(
                pointer("levels", index),
                f"Level {level.get('id')!r} is declared with no count, no body and no post.",
                f"层级“{level.get('id')}”仅有名称,未说明数量、责任主体和岗位。",
            )


def _actors_without_a_post(document: Mapping[str, Any]) -> Iterator[Problem]:
    for index, rule in _objects(document, "patrol"):
        if rule.get("actor") and rule.get("role") is None:
            yield Problem(
                pointer("patrol", index, "actor"),
                f"{rule['actor']!r} is no role type of this scheme: anybody who may patrol counts.",
                f"“{rule['actor']}”不是本方案的岗位类型,有巡查权限者均可执行。",
            )


def _objects(document: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = document.get(name)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, Mapping):
            yield index, row


_CHECKS: Final[tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...]] = (
    _levels_said_as_a_count,
    _rules_of_absent_levels,
    _levels_that_are_empty,
    _actors_without_a_post,
)
