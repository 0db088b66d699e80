"""Checks of what people write, which name every fault at once."""

from collections.abc import Sequence
from datetime import date

from shared.errors import InvalidArgument, Text, Violation

REQUIRED = Text("This field is required.", "该字段必填。")
TOO_LONG = Text("At most {limit} characters are allowed.", "长度不能超过 {limit} 个字符。")
CONTROLS = Text("Control characters are not allowed.", "不能含有控制字符。")
NO_DAY = Text("Not a date, such as 2026-03-05.", "应为日期,例如 2026-03-05。")
TOO_MANY = Text("At most {limit} entries are allowed.", "最多允许 {limit} 项。")
LINE, PARAGRAPH, ENTRIES = 200, 4000, 100
FIRST_YEAR, LAST_YEAR = 1900, 2999


class Faults:
    """The faults of one body, gathered while it is read."""

    def __init__(self) -> None:
        self._found: list[Violation] = []

    def add(self, pointer: str, detail: Text) -> None:
        """Note a fault."""
        self._found.append(Violation(pointer, detail))

    def note(self, error: InvalidArgument) -> None:
        """Note the faults that another check found."""
        self._found.extend(error.violations)

    def text(self, value: str, pointer: str, *, limit: int = LINE, required: bool = False) -> str:
        """The text without surrounding spaces."""
        plain = value.strip()
        if required and not plain:
            self.add(pointer, REQUIRED)
        if len(plain) > limit:
            self.add(pointer, TOO_LONG.format(limit=limit))
        if not plain.replace("\n", "").replace("\t", "").isprintable():
            self.add(pointer, CONTROLS)
        return plain

    def texts(self, values: Sequence[str], pointer: str, *, limit: int = LINE) -> tuple[str, ...]:
        """Several texts, none of them empty."""
        if len(values) > ENTRIES:
            self.add(pointer, TOO_MANY.format(limit=ENTRIES))
            return ()
        return tuple(
            self.text(value, f"{pointer}/{place}", limit=limit, required=True)
            for place, value in enumerate(values)
        )

    def day(self, value: str, pointer: str, *, required: bool = False) -> date | None:
        """A day written as YYYY-MM-DD."""
        if not value:
            if required:
                self.add(pointer, REQUIRED)
            return None
        try:
            day = date.fromisoformat(value) if len(value) == len("2026-03-05") else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.add(pointer, NO_DAY)
            return None
        return day

    def check(self) -> None:
        """Raise InvalidArgument with all that was noted."""
        if self._found:
            raise InvalidArgument(self._found)
