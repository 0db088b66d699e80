"""Keeping a spreadsheet from running a cell of a CSV file as a formula."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MARK = "'"


def quote(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula; :func:`unquote` gives it back.

    Numbers, such as -3.5, stay as they are.
    """
    if text.startswith((*FORMULA_STARTS, MARK)) and not _is_number(text):
        return MARK + text
    return text


def unquote(text: str) -> str:
    """The text before it was quoted; a text that was not quoted stays as it is."""
    return (
        text[1:] if text.startswith(MARK) and text[1:].startswith((*FORMULA_STARTS, MARK)) else text
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
