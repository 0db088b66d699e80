"""What JSON allows and the platform does not keep, whatever the field: checked before all else."""

from collections.abc import Iterator, Mapping

from services.grid.schemes.document.problem import Problem, pointer

DEEPEST = 32
"""Levels of nesting; a scheme document has seven."""


def storage_problems(value: object, *path: object) -> Iterator[Problem]:
    """Texts and names with U+0000, which PostgreSQL refuses, and nesting without end."""
    if isinstance(value, str) and "\x00" in value:
        yield Problem(pointer(*path), "Remove the character U+0000.", "请删除字符 U+0000。")
    if not isinstance(value, Mapping | list):
        return
    if len(path) >= DEEPEST:
        yield Problem(
            pointer(*path), f"Nest at most {DEEPEST} levels.", f"嵌套不得超过 {DEEPEST} 层。"
        )
        return
    entries = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, inner in entries:
        if isinstance(key, str) and "\x00" in key:
            yield Problem(
                pointer(*path), "Remove U+0000 from the name.", "请从字段名中删除 U+0000。"
            )
        yield from storage_problems(inner, *path, key)
