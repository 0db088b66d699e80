"""What a route is; ``gateway/routes`` lists the routes that there are.

A route names its address and the RPC that answers it. Who may call it and the schemas of its body
and query follow from the RPC's proto; validation, permission check and OpenAPI operation from those.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any

from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from marshmallow import Schema

from gateway.schemas import schema_of
from shared.errors import Text
from shared.rpc.options import access_of, rule_of, shown_name
from shared.rpc.rules import Rule

COUNTY = "/v1/counties/{county}"
PUBLIC = "/public/v1/counties/{county}"
PLAIN_NAMES = frozenset({"template_id", "indicator_id"})
"""Path fields that hold a name chosen by people; every other but the county is a UUID."""

Render = Callable[[Message, str, str], bytes]
"""Writes a response in another form than JSON, given its message, the path and the language."""


class Limit(Enum):
    """Which rate limit a route counts against."""

    PERSON = "person"
    PUBLIC = "public"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of one service."""

    service: str
    """The service as processes name it, such as ``cases``."""
    path: str
    """The method on the wire, ``/wangge.cases.v1.CaseService/GetCase``."""
    request: type[Message]
    response: type[Message]
    rule: Rule | None = None
    """Who may call it, as its proto says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Another form of a response than JSON."""

    content_type: str
    render: Render


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A body that is a file of rows (CSV, XLSX), and what its columns are called.

    The RPC's request has ``repeated wangge.table.v1.Row rows`` and ``bool dry_run``, its response
    an ``outcome`` of the type ``wangge.table.v1.Outcome``.
    """

    columns: tuple[str, ...]
    """Names of the cells; their Chinese headings are the section's."""
    required: tuple[str, ...] = ()
    """Columns without which the file is refused as a whole."""
    geojson: bool = False
    """Whether GeoJSON is taken too: properties are cells, the geometry the cell ``geometry``."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one address, and the RPC behind it."""

    method: str
    path: str
    rpc: Rpc
    rule: Rule
    summary: Text
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    status: int = 200
    show: str | None = None
    """Member of the response that is the answer; the whole response unless given."""
    location: str | None = None
    """Address of what was created, with names of the answer's members."""
    deadline: float = 10.0
    """Seconds within which the service must answer."""
    limit: Limit = Limit.PERSON
    form: Form | None = None
    rows: Rows | None = None

    @classmethod
    def of(
        cls,
        method: str,
        path: str,
        rpc: Rpc,
        summary: Text,
        *,
        names: Mapping[str, str] | None = None,
        rows: Rows | None = None,
        **rest: Any,
    ) -> "Route":
        """The route of an RPC whose proto says who may call it and what its request must be.

        ``names``: member → its name in the body or query where that is another. The rest are
        members of the route that nothing can be derived for. Raises TypeError where the proto says nothing.
        """
        if rpc.rule is None:
            raise TypeError(
                f"{method} {path}: the proto of {rpc.path} does not say who may call it"
            )
        without = {member_of(name) for name in re.findall(r"{(\w+)}", path)}
        in_query = method == "GET" or rows is not None
        request: Any = rpc.request.DESCRIPTOR
        schema = schema_of(
            request,
            query=in_query,
            without=frozenset(without | ({"rows", "dry_run"} if rows else set())),
            names=names or {},
        )
        where: dict[str, Any] = {"query" if in_query else "body": schema}
        if rows and not targets(schema):
            where = {}
        return cls(method, path, rpc, rpc.rule, summary, rows=rows, **where, **rest)

    def __post_init__(self) -> None:
        """Raise ValueError for a route that names fields which its messages do not have."""
        taken = [member_of(name) for name in self.path_fields]
        taken += [
            field for schema in (self.body, self.query) if schema for field in targets(schema)
        ]
        taken += ["rows", "dry_run"] if self.rows else []
        members = self.rpc.request.DESCRIPTOR.fields_by_name
        if odd := [name for name in taken if name not in members]:
            raise ValueError(f"{self.method} {self.path}: {self.rpc.path} takes no {odd}")
        if self.show and self.show not in self.rpc.response.DESCRIPTOR.fields_by_name:
            raise ValueError(f"{self.method} {self.path}: {self.rpc.path} answers no {self.show}")

    @property
    def path_fields(self) -> tuple[str, ...]:
        """Names of the address's fields, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def is_public(self) -> bool:
        """Whether anyone may use it, without an account."""
        return self.rule.anonymous

    @property
    def is_cacheable(self) -> bool:
        """Whether its answers are the same for everyone, so that they may be kept for a while."""
        return self.method == "GET" and self.is_public

    @property
    def shown(self) -> Descriptor:
        """The message that is the answer."""
        whole: Any = self.rpc.response.DESCRIPTOR
        message: Descriptor = whole.fields_by_name[self.show].message_type if self.show else whole
        return message

    @property
    def has_version(self) -> bool:
        """Whether the answer is one resource whose version is its ETag."""
        return not self.is_public and "version" in self.shown.fields_by_name

    def takes(self, member: str) -> bool:
        """Whether the RPC's request has the member."""
        return member in self.rpc.request.DESCRIPTOR.fields_by_name


@dataclass(frozen=True, slots=True)
class Page:
    """An address that the gateway answers itself."""

    path: str
    content_type: str
    summary: Text


@dataclass(frozen=True, slots=True)
class Section:
    """The routes of one resource, under one heading of the documentation."""

    tag: str
    title: Text
    routes: Sequence[Route]
    headings: Mapping[str, str] = field(default_factory=dict)
    """What members are called in Chinese at the head of a table, where neither their protos nor
    `headings.py` say."""

    @property
    def all_headings(self) -> dict[str, str]:
        """What the protos of the section's answers call members, and what the section does."""
        stated: dict[str, str] = {}
        for route in self.routes:
            for message in (route.rpc.request, route.rpc.response):
                stated |= _headings_of(message.DESCRIPTOR, frozenset())
        return stated | dict(self.headings)


def _headings_of(message: Any, above: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for member in message.fields:
        if heading := rule_of(member).heading:
            found[shown_name(member)] = heading
        inner = member.message_type
        if inner is not None and inner.full_name not in above:
            found |= _headings_of(inner, above | {inner.full_name})
    return found


def rpcs(service: str, module: ModuleType, name: str) -> Callable[[str], Rpc]:
    """The methods of a proto service, by name: ``rpcs("cases", pb, "CaseService")("GetCase")``."""
    methods = module.DESCRIPTOR.services_by_name[name].methods_by_name

    def rpc(method: str) -> Rpc:
        return _rpc(service, methods[method])

    return rpc


def member_of(path_field: str) -> str:
    """The request's member that a path field fills."""
    return "county_id" if path_field == "county" else path_field


def targets(schema: type[Schema]) -> list[str]:
    """The request's members that a schema fills."""
    return [field.attribute or name for name, field in schema().fields.items()]


def _rpc(service: str, method: MethodDescriptor) -> Rpc:
    return Rpc(
        service=service,
        path=f"/{method.containing_service.full_name}/{method.name}",
        request=GetMessageClass(method.input_type),
        response=GetMessageClass(method.output_type),
        rule=access_of(method),
    )
