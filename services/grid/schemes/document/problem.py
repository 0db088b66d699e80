"""What is wrong with a scheme document, and where, in both languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_BETWEEN_LANGUAGES = "\n"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: a JSON pointer into the document, and what to do in both languages."""

    pointer: str
    en: str
    zh: str


def bilingual(en: str, zh: str) -> str:
    """One marshmallow message in both languages: English, then Chinese on the next line."""
    return f"{en}{_BETWEEN_LANGUAGES}{zh}"


def pointer(*steps: object) -> str:
    """The JSON pointer (RFC 6901) of a path through a document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def problems_in(messages: object, *path: object) -> Iterator[Problem]:
    """The nested messages of a marshmallow error as a flat list of problems."""
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from problems_in(value, *path, *(() if key == "_schema" else (key,)))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        en, _, zh = str(message).partition(_BETWEEN_LANGUAGES)
        yield Problem(pointer(*path), en, zh)
