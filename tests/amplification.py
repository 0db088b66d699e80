"""In how many places a fact stands: ``python -m tests.amplification``.

Three facts are looked up in the tree by their names: an optional field of a pollution source, a step of a
case, a list. A place is a file of the source in which the name stands outside of comments and docstrings.
What is generated, tests, documents and the demonstration do not count: they state nothing that the
platform goes by. The exit status is 1 where a fact stands in more places than it should.
"""

import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("proto/wangge", "shared", "services", "gateway")
COMMENT = re.compile(r"//.*")
BREAKS = frozenset({tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
"""Tokens between statements."""
SILENT = frozenset({tokenize.COMMENT, tokenize.NL})


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact, the names under which it stands, in how many places it may, and where those can be."""

    what: str
    names: tuple[str, ...]
    most: int
    within: tuple[str, ...] = SOURCES

    @property
    def pattern(self) -> re.Pattern[str]:
        """The names as whole words, also within longer texts."""
        return re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(self.names)})(?![A-Za-z0-9_])")


FACTS = (
    Fact("an optional field of a pollution source (law_record)", ("law_record",), 4),
    Fact(
        "a step of a case (RejectCase)",
        ("RejectCase(?:Request|Response)?", "reject", "REJECT"),
        5,
        ("proto/wangge/cases", "services/cases", "gateway"),  # others reject messages and offers
    ),
    Fact(
        "a list (ListPatrols)",
        ("ListPatrols(?:Request|Response)?", "list_patrols"),
        5,
    ),
)


def places(fact: Fact, files: Iterable[tuple[Path, str]]) -> dict[str, int]:
    """The files in which a fact stands, and how often in each."""
    found = {
        str(path): len(fact.pattern.findall(text))
        for path, text in files
        if any(path.is_relative_to(folder) for folder in fact.within)
    }
    return {path: count for path, count in found.items() if count}


def sources(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Every file of the source with what it states: comments and docstrings left out."""
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".py":
                yield path.relative_to(root), without_comments(path.read_text())
            elif path.suffix == ".proto":
                yield path.relative_to(root), COMMENT.sub("", path.read_text())


def without_comments(source: str) -> str:
    """A module's tokens, one a line, without comments and without strings that stand alone."""
    kept: list[str] = []
    starts_statement = True
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in SILENT:
            continue
        if token.type not in BREAKS and not (starts_statement and token.type == tokenize.STRING):
            kept.append(token.string)
        starts_statement = token.type in BREAKS
    return "\n".join(kept)


def report(facts: Iterable[Fact] = FACTS, root: Path = ROOT) -> bool:
    """Print where each fact stands; True where none stands in more places than it should."""
    files = list(sources(root))
    well = True
    for fact in facts:
        found = places(fact, files)
        well = well and 0 < len(found) <= fact.most
        verdict = "ok" if 0 < len(found) <= fact.most else "TOO MANY" if found else "NOT FOUND"
        print(f"{fact.what}: {len(found)} places, at most {fact.most}: {verdict}")
        for path, count in found.items():
            print(f"  {count:3}  {path}")
    return well


if __name__ == "__main__":
    sys.exit(0 if report() else 1)
