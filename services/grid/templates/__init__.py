"""The 17 scheme templates: real local plans as scheme documents, one JSON file each."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared.errors import NotFound, Text

_FOLDER = Path(__file__).parent
_ID = re.compile(r"S\d{2}")


class UnknownTemplate(NotFound):
    """No template has this id."""

    reason = "TEMPLATE_UNKNOWN"
    title = Text("Template not found", "未找到方案模板")
    detail = Text(
        "There is no scheme template {template}; there are: {known}.",
        "没有编号为 {template} 的方案模板,现有:{known}。",
    )


@dataclass(frozen=True, slots=True)
class TemplateSummary:
    """What one needs to choose a template: its tiers from the top down, and where it comes from."""

    id: str
    name: str
    source: str
    locality: str
    level_names: tuple[str, ...]
    role_count: int
    department_count: int


def templates() -> list[TemplateSummary]:
    """All templates, by id."""
    return [_summary(_parsed(identifier)) for identifier in _ids()]


def template(identifier: str) -> dict[str, Any]:
    """A template's scheme document, each caller's own copy; `UnknownTemplate` if none."""
    if identifier not in _ids():
        raise UnknownTemplate(template=identifier, known=", ".join(_ids()))
    return _parsed(identifier)


def _ids() -> list[str]:
    return sorted(file.stem for file in _FOLDER.glob("S*.json") if _ID.fullmatch(file.stem))


@cache
def _text(identifier: str) -> str:
    return (_FOLDER / f"{identifier}.json").read_text(encoding="utf-8")


def _parsed(identifier: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_text(identifier))
    return document


def _summary(document: dict[str, Any]) -> TemplateSummary:
    provenance = document["provenance"]
    return TemplateSummary(
        id=document["template"],
        name=document["name"],
        source=provenance["source"],
        locality=provenance["locality"]["name"],
        level_names=tuple(level["name"] for level in document["levels"]),
        role_count=len(document["role_types"]),
        department_count=len(document["departments"]),
    )
