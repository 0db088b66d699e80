"""Settings from the environment, read once; one message names all that are missing or unusable."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class ConfigError(Exception):
    """The environment lacks settings or holds unusable ones; the message names each."""


class Env:
    """A reader that collects faults. Call :meth:`check` after the last read.

    Any variable ``X`` may be given as ``X_FILE``, the path of a file that holds the value.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The value, or the default. Where there is neither, a fault is noted."""
        value = self._read(name)
        if value is not None:
            return value
        if default is None:
            self._faults.append(f"{name} is not set (or {name}_FILE, a file that holds it)")
            return ""
        return default

    def optional(self, name: str) -> str | None:
        """The value, or None where it is not set."""
        return self._read(name)

    def content(self, name: str) -> bytes:
        """The content of the file whose path the variable holds. A missing file is noted as a fault."""
        path = self.text(name)
        try:
            return Path(path).read_bytes() if path else b""
        except OSError as error:
            self._faults.append(f"{name}={path} cannot be read: {error.strerror}")
            return b""

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        return self._converted(name, int, "a whole number", default)

    def numbers(self, name: str, default: str) -> tuple[float, ...]:
        """Numbers separated by commas."""

        def parse(text: str) -> tuple[float, ...]:
            return tuple(float(part) for part in text.split(",") if part.strip())

        return self._converted(name, parse, "numbers separated by commas", parse(default))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A flag: ``1`` is true and ``0`` is false."""
        return self._converted(name, lambda text: {"1": True, "0": False}[text], "1 or 0", default)

    def check(self) -> None:
        """Raise ConfigError when anything read so far was missing or unusable."""
        if self._faults:
            raise ConfigError("cannot start:\n  " + "\n  ".join(self._faults))

    def _converted(
        self, name: str, convert: Callable[[str], T], wanted: str, default: T | None
    ) -> T:
        text = self.text(name, None if default is None else "")
        if text == "":
            return default if default is not None else convert("0")
        try:
            return convert(text)
        except (ValueError, KeyError):
            self._faults.append(f"{name}={text!r} is not {wanted}")
            return default if default is not None else convert("0")

    def _read(self, name: str) -> str | None:
        value = self._environ.get(name)
        if not value and (path := self._environ.get(f"{name}_FILE")):
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
                self._faults.append(f"{name}_FILE={path} cannot be read: {reason}")
                return ""
        return value or None
