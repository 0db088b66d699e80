"""The glossary names what there is: each of its names in code stands in the code or in a contract."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
SOURCES = {
    "deploy": ("*.py",),
    "gateway": ("*.py",),
    "proto/wangge": ("*.proto",),
    "services": ("*.py", "*.json"),
    "shared": ("*.py",),
}
"""Where names are looked for: folder → which files."""
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
PROSE = re.compile(r'"""(?:.|\n)*?"""|(?:#|//).*')
"""Docstrings and comments, in which a word is no name."""
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def glossary_names() -> list[str]:
    """The names in the second column, without what is said of them: ``scope: upper`` is two."""
    cells = re.findall(r"^\|[^|]*\|([^|]*)\|", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    quoted = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    return sorted({word for name in quoted for word in WORD.findall(name)})


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every identifier, as it is written and as the name of a field would be."""
    found: set[str] = set()
    for folder, patterns in SOURCES.items():
        for pattern in patterns:
            for path in (ROOT / folder).rglob(pattern):
                found.update(WORD.findall(PROSE.sub("", path.read_text("utf-8"))))
    return found | {CAMEL.sub("_", word).lower() for word in found}


def test_every_name_of_the_glossary_stands_in_the_code(words: set[str]) -> None:
    names = glossary_names()

    assert len(names) > 100
    assert [name for name in names if name not in words] == []
