"""What the local stack tells a person when it cannot go on."""


class LocalStackError(Exception):
    """The stack cannot be brought where the command wants it; the text says what to do."""
