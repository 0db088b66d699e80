"""What the gateway says of a field is what the guard says of it on a direct call.

For every method whose proto is annotated, requests are drawn of which at most one value is odd. Both edges
take it and hand the same message on, or both refuse it at the same place in the same words. What only JSON
can tell (see the head of `shared/rpc/checks.py`) is not drawn.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.fields import Commas
from gateway.reading import load
from gateway.routes import ROUTES
from gateway.routing import Route
from shared.errors import InvalidArgument
from shared.rpc.checks import check_of
from shared.rpc.options import FLOATS, FieldRule, Form, choices_of, rule_of

LETTERS = string.ascii_letters + "网格 -"
VALID = {
    Form.UUID: st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper()),
    Form.RESOURCE_ID: st.uuids().map(str),
    Form.COUNTY_ID: st.from_regex(r"\A[a-z][a-z0-9-]{0,20}\Z"),
    Form.DATE: st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(str),
    Form.URI: st.just("https://example.gov.cn/a"),
    Form.PERIOD: st.sampled_from(["2026", "2026-03", "1999-12"]),
    Form.DIVISION_CODE: st.from_regex(r"\A[0-9]{6}([0-9]{3}){0,2}\Z"),
    Form.JSON: st.dictionaries(st.text(LETTERS, min_size=1), st.integers(0, 9), max_size=2),
}
ODD_TEXTS = st.one_of(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00,"), min_size=1, max_size=9
    ),
    st.sampled_from([" ", " a ", "a\x07", "a\nb", "网" * 65, "x" * 201, "y" * 4001, "z" * 20_001]),
    st.sampled_from(["2026-02-30", "2026-13", "1899-12-31", "3000-01-01", "53092", "ftp://a.b"]),
    st.sampled_from(["018F3C1E-7A52-7C3E-9A40-6F1D2B8C5E77", "018f3c1e7a527c3e9a406f1d2b8c5e77"]),
)
FIRST, LAST = datetime.fromisoformat("1900-01-03"), datetime.fromisoformat("2999-12-29")
"""Well within the years that are taken, whatever the offset."""
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(timezone(timedelta(hours=8))))
ODD_MOMENTS = st.datetimes(
    datetime.fromisoformat("1800-01-01"),
    datetime.fromisoformat("1899-12-29"),
    timezones=st.just(UTC),
) | st.datetimes(datetime.fromisoformat("3000-01-03"), timezones=st.just(UTC))


def members_of(route: Route) -> dict[str, FieldDescriptor]:
    """The members that the body or query of a route has, by their names in JSON."""
    schema = route.body or route.query
    assert schema
    members = route.rpc.request.DESCRIPTOR.fields_by_name
    return {name: members[field.attribute or name] for name, field in schema().fields.items()}


def leaves(field: FieldDescriptor) -> list[FieldDescriptor]:
    """The fields of which a value may be odd: the field, and those of its message."""
    inner = inner_of(field)
    below = [leaf for each in inner.fields for leaf in leaves(each)] if inner else []
    return [field, *below] if field.is_repeated or not inner else below


def inner_of(field: FieldDescriptor) -> Descriptor | None:
    """The message of a field that is no moment."""
    return None if rule_of(field).is_timestamp else field.message_type


class Drawn:
    """Values as hypothesis draws them."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def usual(self, rule: FieldRule) -> Any:
        return self._data.draw(valid_value(rule))

    def odd(self, rule: FieldRule) -> Any:
        return self._data.draw(odd_value(rule))

    def size(self, rule: FieldRule) -> int:
        return self._data.draw(st.sampled_from(sizes(rule)))

    def is_given(self) -> bool:
        return self._data.draw(st.booleans())


@dataclass(frozen=True)
class Size:
    """The length of a list, as the odd thing about it."""

    length: int


class Fixed:
    """The same plain values each time but for the odd one, which is the one given."""

    def __init__(self, odd: Any) -> None:
        self._odd = odd

    def usual(self, rule: FieldRule) -> Any:
        return plain_value(rule)

    def odd(self, rule: FieldRule) -> Any:
        return plain_value(rule) if isinstance(self._odd, Size) else self._odd

    def size(self, _rule: FieldRule) -> int:
        return self._odd.length if isinstance(self._odd, Size) else 1

    def is_given(self) -> bool:
        return False


def value(made: Drawn | Fixed, field: FieldDescriptor, odd: FieldDescriptor | None) -> Any:
    """A value of a member as JSON has it; odd where it is the odd field."""
    if not field.is_repeated:
        return single(made, field, odd)
    least = rule_of(field).items.least or 0
    if field is not odd:
        others = [single(made, field, None)] * max(least - 1, 0)
        return [single(made, field, odd), *others] if odd or least else others
    size = made.size(rule_of(field))
    return [single(made, field, odd if size == 1 and not inner_of(field) else None)] * size


def sizes(rule: FieldRule) -> list[int]:
    """Lengths of a list just within and beyond its limits."""
    least, most = rule.items.least or 0, rule.items.most or 3
    return [1, most + 1, most, least, max(least - 1, 1)]


def single(made: Drawn | Fixed, field: FieldDescriptor, odd: FieldDescriptor | None) -> Any:
    inner = inner_of(field)
    if inner is not None:
        return {
            rule_of(each).shown: value(made, each, odd)
            for each in inner.fields
            if rule_of(each).required or odd in leaves(each) or made.is_given()
        }
    return made.odd(rule_of(field)) if field is odd else made.usual(rule_of(field))


def plain_value(rule: FieldRule) -> Any:
    """One value that is right."""
    if rule.form is not None:
        return rule.choices[0] if rule.choices else PLAIN.get(rule.form) or "x" * shortest(rule)
    if rule.is_timestamp:
        return "2026-03-05T08:00:00+08:00"
    if rule.field.enum_type is not None:
        return min(choices_of(rule.field.enum_type))
    if rule.field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return True
    return max(rule.range.low or 1, 1)


def shortest(rule: FieldRule) -> int:
    return max(rule.lengths.least or 1, 1)


PLAIN = {
    Form.UUID: "018f3c1e-7a52-7c3e-9a40-6f1d2b8c5e77",
    Form.RESOURCE_ID: "018f3c1e-7a52-7c3e-9a40-6f1d2b8c5e77",
    Form.COUNTY_ID: "t1",
    Form.DATE: "2026-03-05",
    Form.URI: "https://example.gov.cn/a",
    Form.PERIOD: "2026-03",
    Form.DIVISION_CODE: "530929",
    Form.JSON: {"a": 1},
}


def valid_value(rule: FieldRule) -> st.SearchStrategy[Any]:
    if rule.form is not None:
        return valid_text(rule)
    if rule.is_timestamp:
        return MOMENTS.map(datetime.isoformat)
    if rule.field.enum_type is not None:
        return st.sampled_from(sorted(choices_of(rule.field.enum_type)))
    if rule.field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    return number(rule)


def valid_text(rule: FieldRule) -> st.SearchStrategy[Any]:
    if rule.choices:
        return st.sampled_from(rule.choices)
    if rule.form in VALID:
        return VALID[rule.form]
    least, most = max(rule.lengths.least or 0, 1), rule.lengths.most or 50
    return st.text(string.ascii_lowercase, min_size=least, max_size=min(most, least + 9))


def number(rule: FieldRule) -> st.SearchStrategy[Any]:
    limits = rule.range
    low = -1000 if limits.low is None else limits.low
    high = low + 1000 if limits.high is None else limits.high
    if rule.field.cpp_type in FLOATS:
        return st.floats(
            low,
            high,
            exclude_min=limits.low_open,
            exclude_max=limits.high_open,
            allow_subnormal=False,
        )
    return st.integers(max(int(low), 1), int(high))


def odd_value(rule: FieldRule) -> st.SearchStrategy[Any]:
    if rule.form is not None:
        return VALID[Form.JSON] if rule.form is Form.JSON else odd_text(rule)
    if rule.is_timestamp:
        return ODD_MOMENTS.map(datetime.isoformat)
    if rule.field.enum_type is not None or rule.field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return valid_value(rule)
    edges = number_edges(rule)
    if rule.field.cpp_type in FLOATS:
        anything = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
        return (st.sampled_from(edges) | anything).filter(bool)
    return (st.sampled_from(edges) | st.integers(-(2**31), 2**31 - 1)).filter(bool)


def odd_text(rule: FieldRule) -> st.SearchStrategy[Any]:
    return st.sampled_from(text_edges(rule)) | ODD_TEXTS


def edges(rule: FieldRule) -> list[Any]:
    """Values just within and beyond what the field takes, and lengths of a list."""
    lengths = [Size(each) for each in sizes(rule)] if rule.field.is_repeated else []
    return lengths if inner_of(rule.field) else [*lengths, *item_edges(rule)]


def item_edges(rule: FieldRule) -> list[Any]:
    if rule.form is not None:
        return [{"a": {}}] if rule.form is Form.JSON else text_edges(rule)
    if rule.is_timestamp:
        return ["1899-12-29T00:00:00Z", "3000-01-03T00:00:00Z", "2026-03-05T08:00:00.25+08:00"]
    if rule.field.enum_type is not None or rule.field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return [plain_value(rule)]
    return number_edges(rule)


def text_edges(rule: FieldRule) -> list[str]:
    """Lengths at the limits with and without space round them, control characters, other forms."""
    least, most = rule.lengths.least or 1, rule.lengths.most or 50
    found = ["x" * most, f" {'x' * most} ", "x" * (most + 1), "x" * max(least - 1, 1), "a\x07", " "]
    return [*found, "a\nb", "A" * 8 + "-7a52-7c3e-9a40-6f1d2b8c5e77", "2026-02-30", "2026-13"]


def number_edges(rule: FieldRule) -> list[Any]:
    limits = [each for each in (rule.range.low, rule.range.high) if each is not None] or [1]
    near = [each for limit in limits for each in (limit - 1, limit, limit + 1) if each]
    if rule.field.cpp_type in FLOATS:
        return [float(each) for each in near]
    return [each for each in near if -(2**31) <= each < 2**31]


def message_of(descriptor: Descriptor, members: dict[str, FieldDescriptor], given: Any) -> Message:
    """The message that a direct caller would send with these values."""
    values = {
        members[name].name: [wire(members[name], each) for each in said]
        if members[name].is_repeated
        else wire(members[name], said)
        for name, said in given.items()
    }
    return GetMessageClass(descriptor)(**values)


def wire(field: FieldDescriptor, said: Any) -> Any:
    rule, inner = rule_of(field), inner_of(field)
    if inner is not None:
        return message_of(inner, {rule_of(each).shown: each for each in inner.fields}, said)
    if rule.is_timestamp:
        return datetime.fromisoformat(said)
    if field.enum_type is not None:
        return choices_of(field.enum_type)[said]
    return orjson.dumps(said).decode() if rule.form is Form.JSON else said


def in_query(route: Route, given: dict[str, Any]) -> dict[str, Any]:
    """The values as an address carries them."""
    schema = route.query
    assert schema
    fields = schema().fields
    return {
        name: ",".join(map(str, said)) if isinstance(fields[name], Commas) else as_text(said)
        for name, said in given.items()
    }


def as_text(said: Any) -> str:
    return str(said).lower() if isinstance(said, bool) else str(said)


def faults(act: Callable[[], Any]) -> dict[str, set[str]]:
    """What is refused, by its place; nothing where it is taken."""
    try:
        act()
    except InvalidArgument as error:
        found: dict[str, set[str]] = {}
        for violation in error.violations:
            found.setdefault(violation.pointer, set()).add(violation.detail.en)
        return found
    return {}


def leaves_of(route: Route) -> list[FieldDescriptor]:
    return [leaf for field in members_of(route).values() for leaf in leaves(field)]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_both_edges_draw_the_same_limits(route: Route) -> None:
    for odd in leaves_of(route):
        for edge in edges(rule_of(odd)):
            compare(route, odd, Fixed(edge))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
@given(data=st.data())
def test_both_edges_take_and_refuse_the_same(route: Route, data: st.DataObject) -> None:
    odd = data.draw(st.sampled_from([*leaves_of(route), None]))
    compare(route, odd, Drawn(data))


def compare(route: Route, odd: FieldDescriptor | None, made: Drawn | Fixed) -> None:
    """Let both edges judge a request of which one value may be odd."""
    members, schema = members_of(route), route.body or route.query
    assert schema
    descriptor: Any = route.rpc.request.DESCRIPTOR
    said = {
        name: value(made, field, odd)
        for name, field in members.items()
        if rule_of(field).required or odd in leaves(field) or made.is_given()
    }
    document = said if route.body else in_query(route, said)
    direct = message_of(descriptor, members, said)

    at_gateway = faults(lambda: load(schema(), document))
    at_guard = as_json_says(members, faults(lambda: check_of(descriptor)(direct)))

    assert set(at_gateway) == set(at_guard), f"{odd and odd.full_name}"
    assert all(at_guard[place] <= words for place, words in at_gateway.items())
    if not at_gateway:
        assert direct == route.rpc.request(**load(schema(), document))


def as_json_says(
    members: dict[str, FieldDescriptor], found: dict[str, set[str]]
) -> dict[str, set[str]]:
    """The faults by the names that JSON gives their places."""
    renamed = {f"/{field.name}": f"/{name}" for name, field in members.items()}
    return {renamed.get(place, place): said for place, said in found.items()}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_both_edges_miss_the_same(route: Route) -> None:
    members, schema = members_of(route), route.body or route.query
    assert schema
    descriptor: Any = route.rpc.request.DESCRIPTOR
    told_by_json_alone = {
        f"/{name}"
        for name, field in members.items()
        if rule_of(field).required and not is_missed(rule_of(field))
    }
    at_guard = as_json_says(members, faults(lambda: check_of(descriptor)(route.rpc.request())))

    assert set(faults(lambda: load(schema(), {}))) - told_by_json_alone == set(at_guard)


def is_missed(rule: FieldRule) -> bool:
    """Whether the guard can tell on the wire that the field was left out."""
    field = rule.field
    if field.is_repeated:
        return bool(rule.items.least)
    if field.has_presence or rule.form is not None or field.enum_type is not None:
        return True
    low = rule.range.low
    low_is_out = low is not None and (low > 0 or (low == 0 and rule.range.low_open))
    return field.cpp_type != FieldDescriptor.CPPTYPE_BOOL and low_is_out


def test_the_patrols_limit_is_one_for_both() -> None:
    findings = next(
        route.rpc.request.DESCRIPTOR.fields_by_name["findings"]
        for route in ROUTES
        if route.path.endswith("/patrols:submit")
    )
    assert rule_of(findings).items.most == 50
