"""The error of the local stack, with a text that says what to do."""


class LocalStackError(Exception):
    """The command cannot be carried out; the text says what to do."""
