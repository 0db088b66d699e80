"""Personal data in free text: found by pattern or by name, masked, and counted by kind."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

PATTERNS = {
    # The longer number first: an identity number holds what looks like a phone number.
    "identity_number": re.compile(
        r"(?<!\d)\d{6}(?:18|19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?![0-9A-Za-z])"
    ),
    "bank_card": re.compile(r"(?<!\d)(?:\d{16,19}|(?:\d{4}[ -]){3,4}\d{3,4})(?!\d)"),
    "phone": re.compile(
        r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"
    ),
    "email": re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    "plate": re.compile(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
        r"[A-Z][·\s]?[A-Z0-9]{4,5}[A-Z0-9挂学警港澳]"
    ),
}
MASK = "***"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and how many passages of each kind were masked."""

    text: str
    counts: Counter[str]


def redact(
    text: str, *, words: Iterable[str] = (), kinds: Iterable[str] = tuple(PATTERNS)
) -> Redacted:
    """Mask every passage that looks like personal data of the ``kinds``, and all ``words``.

    ``words`` are names that a reader has pointed out; no pattern finds a Chinese name safely.
    """
    counts: Counter[str] = Counter()
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        counts["name"] += text.count(word)
        text = text.replace(word, MASK)
    for kind in kinds:
        text, found = PATTERNS[kind].subn(MASK, text)
        counts[kind] += found
    return Redacted(text, +counts)
