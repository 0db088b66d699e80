"""Unified social credit codes of pollution sources, in the form in which they are kept."""

from shared.errors import Text

FAULT = Text(
    "This is no unified social credit code: it has 18 characters, and the last checks the others.",
    "统一社会信用代码有误:应为18位,且校验码须相符。",
)


def normal(code: str) -> str:
    """Return the code as it is kept: in capitals, without spaces."""
    return "".join(code.split()).upper()
