"""The sentences about wrong fields, in both languages, for the gateway and the guard.

marshmallow words its messages in English. Each of them stands here beside its Chinese, with the
names it fills in braces, and is found by its English form.
"""

import re
from functools import lru_cache

from shared.errors import Text

SENTENCES = (
    Text("Missing data for required field.", "缺少必填字段。"),
    Text("Field may not be null.", "该字段不能为空值(null)。"),
    Text("Invalid value.", "取值无效。"),
    Text("Unknown field.", "不认识的字段,请删除。"),
    Text("Invalid input type.", "应为 JSON 对象。"),
    Text("Invalid type.", "类型不正确。"),
    Text("Not a valid string.", "应为字符串。"),
    Text("Not a valid utf-8 string.", "应为有效的 UTF-8 字符串。"),
    Text("Not a valid integer.", "应为整数。"),
    Text("Not a valid number.", "应为数字。"),
    Text("Number too large.", "数字过大。"),
    Text("Not a valid boolean.", "应为 true 或 false。"),
    Text("Not a valid list.", "应为数组。"),
    Text("Not a valid mapping type.", "应为 JSON 对象。"),
    Text("Not a valid UUID.", "应为 UUID。"),
    Text("Not a valid URL.", "应为以 http 或 https 开头的网址。"),
    Text("Special numeric values (nan or infinity) are not permitted.", "不能为非数值或无穷大。"),
    Text("Shorter than minimum length {min}.", "长度不能少于 {min}。"),
    Text("Longer than maximum length {max}.", "长度不能超过 {max}。"),
    Text("Length must be between {min} and {max}.", "长度应在 {min} 至 {max} 之间。"),
    Text("Length must be {equal}.", "长度应为 {equal}。"),
    Text("Must be greater than or equal to {min}.", "应大于或等于 {min}。"),
    Text("Must be less than or equal to {max}.", "应小于或等于 {max}。"),
    Text(
        "Must be greater than or equal to {min} and less than or equal to {max}.",
        "应在 {min} 至 {max} 之间。",
    ),
    Text(
        "Must be greater than {min} and less than or equal to {max}.",
        "应大于 {min} 且不超过 {max}。",
    ),
    Text("Must be one of: {choices}.", "应为以下之一:{choices}。"),
    Text(
        "Not a time with its offset, such as 2026-03-05T08:00:00+08:00.",
        "应为带时区偏移的时间,例如 2026-03-05T08:00:00+08:00。",
    ),
    Text("Not a date, such as 2026-03-05.", "应为日期,例如 2026-03-05。"),
    Text("The year must be from {first} to {last}.", "年份应在 {first} 至 {last} 之间。"),
    Text("Not a period: a month such as 2026-03, or a year.", "应为月份(例如 2026-03)或年份。"),
    Text("Not a division code of 6, 9 or 12 digits.", "应为 6、9 或 12 位数字的区划代码。"),
    Text("Not of the form {pattern}.", "格式不正确,应符合 {pattern}。"),
    Text("Control characters are not allowed.", "不能含有控制字符。"),
    Text(
        "Not a county id: 1 to 64 letters, digits, hyphens, dots or underscores.",
        "县(市、区)编号应为 1 至 64 位字母、数字、连字符、点或下划线。",
    ),
)


def text_of(message: str) -> Text:
    """A message in both languages; one that the catalogue lacks is the same in both."""
    for pattern, sentence in _patterns():
        if match := pattern.fullmatch(message):
            return Text(message, sentence.zh.format(**match.groupdict()))
    return Text(message, message)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    return tuple((re.compile(_pattern(sentence.en), re.DOTALL), sentence) for sentence in SENTENCES)


def _pattern(template: str) -> str:
    parts = re.split(r"{(\w+)}", template)
    return "".join(
        f"(?P<{part}>.+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
