"""What a route is; ``gateway/routes`` lists the routes that there are.

A route names its address and the RPC that answers it. Validation, permission check and OpenAPI
operation follow from the proto of the RPC.
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
from shared.rpc.options import Form as TextForm
from shared.rpc.options import OptionError, access_of, rule_of, shown_name
from shared.rpc.rules import AccessRule

COUNTY = "/v1/counties/{county}"
PUBLIC = "/public/v1/counties/{county}"

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
    rule: AccessRule
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
    """One method on one address, and the RPC behind it.

    The RPC's proto says who may call it and what its request must be: of that the body (of a POST) or the
    query is made, from all members that the path does not take.
    """

    method: str
    path: str
    rpc: Rpc
    summary: Text
    names: Mapping[str, str] = field(default_factory=dict)
    """Member → its name in the body or query, where that is another."""
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
    body: type[Schema] | None = field(init=False)
    query: type[Schema] | None = field(init=False)

    def __post_init__(self) -> None:
        """Derive body and query. Raises ValueError where a message lacks a field that the route names."""
        taken = [*map(member_of, self.path_fields), *(["rows", "dry_run"] if self.rows else [])]
        members = self.rpc.request.DESCRIPTOR.fields_by_name
        if odd := [name for name in (*taken, *self.names) if name not in members]:
            raise ValueError(f"{self.method} {self.path}: {self.rpc.path} takes no {odd}")
        if self.show and self.show not in self.rpc.response.DESCRIPTOR.fields_by_name:
            raise ValueError(f"{self.method} {self.path}: {self.rpc.path} answers no {self.show}")
        in_query = self.method == "GET" or self.rows is not None
        request: Any = self.rpc.request.DESCRIPTOR
        schema = schema_of(request, query=in_query, without=frozenset(taken), names=self.names)
        object.__setattr__(self, "query", schema if in_query else None)
        object.__setattr__(self, "body", None if in_query else schema)

    @property
    def rule(self) -> AccessRule:
        """Who may use it."""
        return self.rpc.rule

    @property
    def path_fields(self) -> tuple[str, ...]:
        """Names of the address's fields, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    def is_id(self, path_field: str) -> bool:
        """Whether a field of the address is a UUID; any but the county else is a name."""
        member: Any = self.rpc.request.DESCRIPTOR.fields_by_name[member_of(path_field)]
        return rule_of(member).form is TextForm.RESOURCE_ID

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


def columns_of(message: type[Message], apart: frozenset[str]) -> tuple[str, ...]:
    """The columns of a file whose rows say what a request says, without the members ``apart``."""
    machinery = apart | {"county_id", "request_id"}
    members: Any = message.DESCRIPTOR.fields
    return tuple(shown_name(member) for member in members if member.name not in machinery)


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


def _rpc(service: str, method: MethodDescriptor) -> Rpc:
    rule = access_of(method)
    if rule is None:
        raise OptionError(f"{method.full_name}: its proto does not say who may call it")
    return Rpc(
        service=service,
        path=f"/{method.containing_service.full_name}/{method.name}",
        request=GetMessageClass(method.input_type),
        response=GetMessageClass(method.output_type),
        rule=rule,
    )
