"""The description of all events in AsyncAPI 3.0: `python -m deploy.asyncapi > docs/asyncapi.yaml`.

Made of what the services state: the events' dataclasses, who emits and who consumes them, and the
names of exchanges and queues.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import yaml

from deploy.prepare import contract_of
from deploy.processes import SERVICES
from shared.contracts.declare import Declaration, Key, Length, declaration_of
from shared.eventing import topology
from shared.eventing.contracts import Subscription, optional, unwrapped
from shared.eventing.envelope import CONTENT_TYPE
from shared.eventing.topology import Contract

Document = dict[str, Any]

BINDING_VERSION: Final = "0.3.0"
PLAIN: Final[Mapping[Any, Document]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}
INFO: Final = {
    "title": "Wangge 网格: events",
    "version": "1.0.0",
    "description": (
        "What services tell each other, each event in a CloudEvents 1.0 envelope. A service publishes "
        "to its topic exchange, with the event's name as the routing key; a consumer has a quorum "
        "queue for each event. Consumers ignore fields that they do not know, and drop by "
        "`sequence`, the version of the subject, what is older than what they have."
    ),
}
CLOUD_EVENT: Final = {
    "type": "object",
    "description": "The envelope: CloudEvents 1.0 in JSON.",
    "required": [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "countyid",
        "correlationid",
        "sequence",
        "data",
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string"},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "The id of what the event is about."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "countyid": {"type": "string", "description": "The county in which it happened."},
        "correlationid": {"type": "string", "description": "The request that led to it."},
        "causationid": {"type": "string", "description": "The event that led to it."},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "The version of the subject.",
        },
        "data": {"type": "object"},
    },
}


def describe(contracts: Sequence[Contract]) -> Document:
    """The description of what the contracts state."""
    kinds = [kind for contract in contracts for kind in contract.events]
    return {
        "asyncapi": "3.0.0",
        "info": INFO,
        "defaultContentType": CONTENT_TYPE,
        "channels": {**_exchanges(kinds), **_queues(contracts)},
        "operations": {**_sending(contracts), **_receiving(contracts)},
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in kinds},
            "schemas": {"CloudEvent": CLOUD_EVENT, **schemas(kinds)},
        },
    }


def schemas(kinds: Sequence[type[Any]]) -> dict[str, Document]:
    """The JSON schemas of the events' data, and of what is nested in them, by name."""
    found: dict[str, Document] = {}
    for kind in kinds:
        for each in _with_nested(kind):
            found.setdefault(each.__name__, _schema(each))
    return found


def written(document: Document) -> str:
    """The document as YAML."""
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes what stands in several places in each of them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - its base says how it is called
        """Never refer to another place."""
        return True


def _exchanges(kinds: Sequence[type[Any]]) -> dict[str, Document]:
    return {_address(declared): _exchange(kind) for kind, declared in _declared(kinds)}


def _declared(kinds: Sequence[type[Any]]) -> Iterator[tuple[type[Any], Declaration]]:
    return ((kind, declaration_of(kind)) for kind in kinds)


def _address(declared: Declaration) -> str:
    return f"{declared.source}.{declared.key}"


def _exchange(kind: type[Any]) -> Document:
    declared = declaration_of(kind)
    exchange = topology.exchange(declared.source)
    return {
        "address": declared.key,
        "messages": {kind.__name__: _ref("messages", kind.__name__)},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange.name, "type": exchange.type, "durable": True},
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _queues(contracts: Sequence[Contract]) -> dict[str, Document]:
    return {
        subscription.queue(contract.service): _queue(subscription, contract.service)
        for contract in contracts
        for subscription in contract.consumes
    }


def _queue(subscription: Subscription, consumer: str) -> Document:
    name = _name(subscription)
    return {
        "address": subscription.queue(consumer),
        "messages": {name: _ref("messages", name)},
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {"name": subscription.queue(consumer), "durable": True},
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _sending(contracts: Sequence[Contract]) -> dict[str, Document]:
    return {
        f"{contract.service}.sends.{declared.key}": _operation(
            "send", _address(declared), kind.__name__
        )
        for contract in contracts
        for kind, declared in _declared(list(contract.events))
    }


def _receiving(contracts: Sequence[Contract]) -> dict[str, Document]:
    return {
        f"{contract.service}.receives.{each.source}.{each.key}": _operation(
            "receive", each.queue(contract.service), _name(each)
        )
        for contract in contracts
        for each in contract.consumes
    }


def _operation(action: str, channel: str, message: str) -> Document:
    reference = f"#/channels/{channel}"
    return {
        "action": action,
        "channel": {"$ref": reference},
        "messages": [{"$ref": f"{reference}/messages/{message}"}],
    }


def _name(subscription: Subscription) -> str:
    if subscription.kind is None:
        raise TypeError(f"{subscription.key} is no event of shared.contracts")
    return subscription.kind.__name__


def _message(kind: type[Any]) -> Document:
    declared = declaration_of(kind)
    return {
        "name": declared.key,
        "summary": _summary(kind),
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                _ref("schemas", "CloudEvent"),
                {
                    "type": "object",
                    "properties": {
                        "source": {"const": f"/services/{declared.source}"},
                        "type": {"const": f"wangge.{_address(declared)}"},
                        "data": _ref("schemas", kind.__name__),
                    },
                },
            ]
        },
    }


def _ref(part: str, name: str) -> Document:
    return {"$ref": f"#/components/{part}/{name}"}


def _summary(kind: type[Any]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _schema(kind: type[Any]) -> Document:
    hints = get_type_hints(kind, include_extras=True)
    properties: Document = {}
    required = []
    for field in fields(kind):
        name = _key(hints[field.name], field)
        properties[name] = _described(hints[field.name], field)
        if field.default is MISSING:
            required.append(name)
    return {
        "type": "object",
        "description": _summary(kind),
        "required": required,
        "properties": properties,
    }


def _key(annotation: Any, field: Field[Any]) -> str:
    names = (note.name for note in unwrapped(annotation)[1] if isinstance(note, Key))
    return next(names, field.name)


def _described(annotation: Any, field: Field[Any]) -> Document:
    bare, notes = unwrapped(annotation)
    inner, allows_none = optional(bare)
    form = _form(inner)
    for note in notes:
        if isinstance(note, Length):
            form |= {"minItems": note.least, "maxItems": note.most}
    if allows_none:
        form = _or_null(form)
    if words := [note for note in notes if isinstance(note, str)]:
        form["description"] = " ".join(words)
    if field.default is not MISSING:
        form["default"] = list(field.default) if field.default == () else field.default
    return form


def _or_null(form: Document) -> Document:
    if "type" in form:
        return {**form, "type": [form["type"], "null"]}
    return {"oneOf": [form, {"type": "null"}]}


def _form(of: Any) -> Document:
    if of in PLAIN:
        return dict(PLAIN[of])
    if is_dataclass(of):
        return _ref("schemas", getattr(of, "__name__", ""))
    origin = get_origin(of)
    if origin is Literal:
        return {"type": "string", "enum": list(get_args(of))}
    if origin is tuple:
        return {"type": "array", "items": _form(get_args(of)[0])}
    return {"type": "object"}


def _with_nested(kind: type[Any]) -> Iterator[type[Any]]:
    """The dataclass, and those that are nested in it."""
    yield kind
    for annotation in get_type_hints(kind).values():
        inner, _ = optional(annotation)
        if get_origin(inner) is tuple:
            inner = get_args(inner)[0]
        if isinstance(inner, type) and is_dataclass(inner):
            yield from _with_nested(inner)


if __name__ == "__main__":
    sys.stdout.write(written(describe([contract_of(service) for service in SERVICES])))
