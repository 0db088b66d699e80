"""Which variables a process reads: its own reader of settings, asked with nothing set."""

from collections.abc import Iterator, Mapping


class Unset(Mapping[str, str]):
    """An environment in which nothing is set, and that remembers what was looked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name.removesuffix("_FILE"))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
