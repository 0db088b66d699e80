"""The API's description (OpenAPI 3.1), made from the table that also routes and validates."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin, OpenAPIConverter
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from marshmallow import Schema, fields

from gateway import fields as own
from gateway.descriptions import description_of, example_of
from gateway.endpoint import query_of
from gateway.pages_table import PAGES
from gateway.routing import Page, Route, Section, member_of
from gateway.tables import reading
from gateway.tables.listing import CONTENT_TYPES, listed
from shared.errors import Text
from shared.rpc.forms import COUNTY_ID
from shared.rpc.options import Form, enum_names, is_embedded, is_timestamp, shown_name

VERSION = "1.0.0"
DESCRIPTION = (
    "Grid-based environmental supervision for the counties of a city. "
    "Times are RFC 3339 in UTC. Every refusal is application/problem+json, in Chinese where "
    "Accept-Language asks for it. / 网格化环境监管统一接口:时间为 UTC 的 RFC 3339 格式;"
    "错误一律为 application/problem+json,Accept-Language 为 zh 时返回中文。"
)
TYPES = {
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.CPPTYPE_UINT32: {"type": "integer"},
    FieldDescriptor.CPPTYPE_INT64: {"type": "integer", "format": "int64"},
    FieldDescriptor.CPPTYPE_UINT64: {"type": "integer"},
    FieldDescriptor.CPPTYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.CPPTYPE_FLOAT: {"type": "number", "format": "float"},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "reason", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "reason": {"type": "string", "description": "Stable name for programs."},
        "domain": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFUSALS = {
    "400": "Not valid",
    "429": "Too many requests",
    "503": "Temporarily unavailable",
    "504": "No answer in time",
}
SIGNED_IN_REFUSALS = {"401": "Sign in first", "403": "Not allowed", "404": "Not found"}
WRITE_REFUSALS = {
    "408": "The body did not come in time",
    "409": "Not possible in this state",
    "412": "Changed in between",
    "413": "Body too large",
    "415": "Not JSON",
    "422": "Idempotency-Key used for another request",
}
ETAG = {
    "description": "Names the answer as it is now; `If-None-Match` and `If-Match` take it.",
    "schema": {"type": "string", "examples": ['"3"']},
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again with the same body, it gives the same answer and no second effect.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 128,
        "examples": ["0f8c6f0e-5d0b-4a43-9a0e-3b1c8e0f7a21"],
    },
}
MATCH_HEADER = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag last read; 412 where it has changed in between.",
    "schema": {"type": "string", "examples": ['"3"']},
}


def describe(sections: Sequence[Section]) -> dict[str, Any]:
    """The whole description as a JSON document."""
    plugin = MarshmallowPlugin(schema_name_resolver=_inline_always)
    spec = APISpec(
        title="Wangge",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": DESCRIPTION},
        plugins=[plugin],
    )
    converter = _extended(plugin.converter)
    spec.components.schema("Problem", PROBLEM)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    messages = _Messages(spec)
    for section in sections:
        spec.tag({"name": section.tag, "description": _both(section.title)})
        for route in section.routes:
            operation = _operation(route, section.tag, converter, messages)
            spec.path(path=route.path, operations={route.method.lower(): operation})
    spec.tag({"name": "gateway", "description": "The gateway itself / 网关"})
    for page in PAGES:
        spec.path(path=page.path, operations={"get": _page(page)})
    return spec.to_dict()


class _Messages:
    """Schemas of proto messages, added to the components when first named."""

    def __init__(self, spec: APISpec) -> None:
        self._spec = spec
        self._known: dict[str, Descriptor] = {}

    def reference(self, message: Descriptor) -> dict[str, Any]:
        known = self._known.setdefault(message.name, message)
        if known is not message:
            raise ValueError(f"{known.full_name} and {message.full_name} share a name")
        if message.name not in self._spec.components.schemas:
            schema: dict[str, Any] = {"type": "object"}
            self._spec.components.schema(message.name, schema)
            properties = {shown_name(each): self._member(each) for each in message.fields}
            self._spec.components.schemas[message.name] |= {
                "properties": properties,
                "required": list(properties),
            }
        return {"$ref": f"#/components/schemas/{message.name}"}

    def _member(self, field: FieldDescriptor) -> dict[str, Any]:
        schema = self._value(field)
        if field.is_repeated:
            schema = {"type": "array", "items": schema}
        elif field.has_presence:
            schema = {"anyOf": [schema, {"type": "null"}]}
        return schema | about(field)

    def _value(self, field: FieldDescriptor) -> dict[str, Any]:
        if field.message_type is not None:
            if is_timestamp(field):
                return {"type": "string", "format": "date-time"}
            return self.reference(field.message_type)
        if field.enum_type is not None:
            return {"enum": [*enum_names(field.enum_type).values()]}
        if is_embedded(field):
            return {"type": ["object", "null"]}
        return dict(TYPES[field.cpp_type])


def about(field: FieldDescriptor) -> dict[str, Any]:
    """Description and example of a field."""
    said: dict[str, Any] = {}
    if description := description_of(field):
        said["description"] = description
    if (example := example_of(field)) is not None:
        said["examples"] = [[example] if field.is_repeated else example]
    return said


def _operation(
    route: Route, tag: str, converter: OpenAPIConverter, messages: _Messages
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "tags": [tag],
        "summary": _both(route.summary),
        "parameters": [*_path_parameters(route), *_query(route, converter), *_headers(route)],
        "responses": _responses(route, messages),
        "security": [] if route.is_public else [{"bearer": []}],
    }
    if said := " ".join(filter(None, (_permission(route), _without_key(route)))):
        operation["description"] = said
    if route.rows is not None:
        file = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {
            "required": True,
            "content": dict.fromkeys(reading.types_of(route.rows), file),
        }
    if route.body:
        schema = _inline(route.body, converter)
        operation["requestBody"] = {
            "required": bool(schema.get("required")),
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _operation_id(route: Route) -> str:
    name = route.rpc.path.rsplit("/", 1)[1]
    return name if not route.form else f"{name}Feed"


def _permission(route: Route) -> str:
    needs = [f"the capability `{route.rule.capability}`"] if route.rule.capability else []
    needs += ["any post in the county"] if route.rule.any_post else []
    needs += [f"the city's role `{role}`" for role in sorted(route.rule.city_roles)]
    return f"Needs {' or '.join(needs)}." if needs else ""


def _without_key(route: Route) -> str:
    if route.method != "POST" or route.takes("request_id"):
        return ""
    return "Takes no Idempotency-Key: each call is carried out anew."


def _path_parameters(route: Route) -> Iterable[dict[str, Any]]:
    for name in route.path_fields:
        schema: dict[str, Any] = {"type": "string"}
        if name == "county":
            schema["pattern"] = f"^{COUNTY_ID.pattern}$"
        elif route.is_id(name):
            schema["format"] = "uuid"
        field: Any = route.rpc.request.DESCRIPTOR.fields_by_name[member_of(name)]
        yield _parameter(name, "path", schema | about(field), required=True)


def _query(route: Route, converter: OpenAPIConverter) -> list[dict[str, Any]]:
    schema = _inline(query_of(route), converter)
    required = set(schema.get("required", ()))
    return [
        _parameter(name, "query", member, required=name in required)
        for name, member in schema["properties"].items()
    ]


def _parameter(name: str, where: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """A parameter; the description in its schema becomes that of the parameter."""
    parameter = {"name": name, "in": where, "required": required}
    if description := schema.pop("description", None):
        parameter["description"] = description
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": False}
    return parameter | {"schema": schema}


def _headers(route: Route) -> Iterable[dict[str, Any]]:
    if route.takes("request_id"):
        yield KEY_HEADER
    if route.takes("expected_version"):
        yield MATCH_HEADER


def _responses(route: Route, messages: _Messages) -> dict[str, Any]:
    success: dict[str, Any] = {"description": _both(route.summary)}
    if route.form:
        form = route.form.content_type.partition(";")[0]
        kind = "object" if form.endswith("json") else "string"
        success["content"] = {form: {"schema": {"type": kind}}}
    else:
        success["content"] = {"application/json": {"schema": messages.reference(route.shown)}}
        if listed(route):
            file = {"schema": {"type": "string", "format": "binary"}}
            success["content"] |= {each.partition(";")[0]: file for each in CONTENT_TYPES.values()}
    if route.has_version or route.method == "GET":
        success["headers"] = {"ETag": ETAG}
    refusals = REFUSALS | ({"404": "Not found"} if route.is_public else SIGNED_IN_REFUSALS)
    if route.body or route.rows:
        refusals |= WRITE_REFUSALS
    if route.is_public and route.method == "POST":
        refusals |= {"401": "Sign in first", "403": "Not allowed"}
    answers = {str(route.status): success}
    if route.method == "GET":
        answers["304"] = {"description": "Not modified"}
    return answers | {status: _problem(text) for status, text in sorted(refusals.items())}


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }


def _page(page: Page) -> dict[str, Any]:
    name = re.sub(r"\W+", "-", page.path).strip("-")
    answer: dict[str, Any] = {
        "description": _both(page.summary),
        "content": {page.content_type.partition(";")[0]: {"schema": {}}},
    }
    return {
        "operationId": f"page-{name}",
        "tags": ["gateway"],
        "summary": _both(page.summary),
        "responses": {"200": answer},
        "security": [],
    }


def _inline(schema: type[Schema], converter: OpenAPIConverter) -> dict[str, Any]:
    described: dict[str, Any] = converter.schema2jsonschema(schema())
    return described | {"additionalProperties": False}


def _inline_always(_schema: type[Schema]) -> str:
    return ""


def _extended(converter: OpenAPIConverter | None) -> OpenAPIConverter:
    """The converter, extended by the JSON types of the gateway's own fields."""
    if converter is None:
        raise TypeError("the plugin has its converter once the specification holds the plugin")
    for field, kind, form in (
        (own.Text, "string", None),
        (own.Whole, "integer", None),
        (own.Number, "number", "double"),
        (own.Commas, "array", None),
        (own.Id, "string", "uuid"),
        (own.CountyId, "string", None),
        (own.Instant, "string", "date-time"),
        (own.Day, "string", "date"),
        (own.Flag, "boolean", None),
        (own.QueryFlag, "boolean", None),
        (own.Document, "object", None),
        (own.Choice, "string", None),
    ):
        converter.map_to_openapi_type(field, kind, form)
    converter.add_attribute_function(_choices)
    converter.add_attribute_function(_items)
    converter.add_attribute_function(_about)
    return converter


def _choices(_self: object, field: fields.Field[Any], **_kwargs: object) -> dict[str, Any]:
    return {"enum": list(field.numbers)} if isinstance(field, own.Choice) else {}


def _items(self: Any, field: fields.Field[Any], **_kwargs: object) -> dict[str, Any]:
    return {"items": self.field2property(field.inner)} if isinstance(field, own.Commas) else {}


def _about(_self: object, field: fields.Field[Any], **_kwargs: object) -> dict[str, Any]:
    rule = field.metadata.get("rule")
    if rule is None:
        return {}
    said = about(rule.field)
    return said | {"format": "password"} if rule.form is Form.SECRET else said


def _both(text: Text) -> str:
    return f"{text.en} / {text.zh}"
