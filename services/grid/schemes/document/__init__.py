"""The scheme document: everything a county decides for itself, checked and completed.

Pure functions over JSON values: no database, no clock.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.grid.schemes.document.document import SchemeDocument
from services.grid.schemes.document.merge import merge
from services.grid.schemes.document.problem import Problem, problems_in
from services.grid.schemes.document.references import reference_problems
from services.grid.schemes.document.roles import default_capabilities, platform_role_types
from services.grid.schemes.document.storable import storage_problems
from services.grid.schemes.document.warnings import warnings
from shared.errors import InvalidArgument, Text, Violation

__all__ = [
    "InvalidScheme",
    "Problem",
    "default_capabilities",
    "merge",
    "normalise",
    "platform_role_types",
    "storage_problems",
    "text_of",
    "validate",
    "warnings",
]


class InvalidScheme(InvalidArgument):
    """A scheme document with faults; its violations name all of them."""

    reason = "SCHEME_INVALID"
    title = Text("The scheme document is not valid", "方案文档有误")
    detail = Text(
        "The scheme document has {count} faults: correct them and send it again.",
        "方案文档有 {count} 处错误,请更正后重新提交。",
    )

    def __init__(self, problems: Sequence[Problem]) -> None:
        faults = [Violation(fault.pointer, text_of(fault)) for fault in problems]
        super().__init__(faults, count=len(faults))


def text_of(problem: Problem) -> Text:
    """What a problem says, in both languages."""
    return Text(problem.en, problem.zh)


def validate(document: object) -> list[Problem]:
    """Every fault of the document, in the order of their pointers; empty when it is valid."""
    return sorted({*_shape_problems(document), *reference_problems(document)})


def normalise(document: Mapping[str, Any]) -> dict[str, Any]:
    """The valid document with every field of every section present, in a fixed order.

    What is not stated is null, and an empty list where a list belongs. A document with faults is
    `InvalidScheme`. Normalising twice changes nothing.
    """
    problems = validate(document)
    if problems:
        raise InvalidScheme(problems)
    completed: dict[str, Any] = SchemeDocument().load(document)
    return completed


def _shape_problems(document: object) -> list[Problem]:
    if not isinstance(document, Mapping):
        return [Problem("", "A scheme document is an object.", "方案文档应为对象。")]
    return list(problems_in(SchemeDocument().validate(document)))
