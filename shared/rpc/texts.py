"""The check that no text of a request holds the character U+0000."""

from collections.abc import Iterator, Mapping, Sequence

from google.protobuf.message import Message

from shared.errors import InvalidArgument, Text, Violation

NUL = Text(
    "The text holds the character U+0000, which cannot be kept: remove it.",
    "文本含有无法保存的字符 U+0000,请删除。",
)


def refuse_nul(message: Message) -> None:
    """Raise InvalidArgument naming every text of the message that holds U+0000.

    PostgreSQL cannot store such a text; without this check it would end as an internal error.
    """
    faults = {pointer: NUL for pointer, text in _texts(message, "") if "\x00" in text}
    if faults:
        raise InvalidArgument([Violation(pointer, detail) for pointer, detail in faults.items()])


def _texts(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Message):
        for field, inner in value.ListFields():
            yield from _texts(inner, f"{pointer}/{field.name}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(key, pointer)
            yield from _texts(inner, f"{pointer}/{key}")
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for position, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{position}")
