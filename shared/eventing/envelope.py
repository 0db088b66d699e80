"""The envelope every event travels in: CloudEvents 1.0, JSON format."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson

from shared.context import RequestContext

T = TypeVar("T")

CONTENT_TYPE = "application/cloudevents+json"


class MalformedEvent(ValueError):
    """The bytes are no CloudEvent of ours; trying again cannot help."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event as it travels. ``sequence`` is the aggregate's version, by which consumers drop old ones."""

    id: UUID
    source: str
    key: str
    subject: str
    time: datetime
    county_id: str
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    sequence: int
    data: Mapping[str, Any]

    @property
    def context(self) -> RequestContext:
        """The context in which a consumer acts on this event."""
        return RequestContext(
            county_id=self.county_id,
            correlation_id=self.correlation_id,
            causation_id=str(self.id),
            traceparent=self.traceparent,
        )

    def to_json(self) -> bytes:
        """The CloudEvent as it is stored in the outbox and published."""
        document = {
            "specversion": "1.0",
            "id": str(self.id),
            "source": f"/services/{self.source}",
            "type": f"wangge.{self.source}.{self.key}",
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "countyid": self.county_id,
            "correlationid": self.correlation_id,
            "sequence": str(self.sequence),
            "data": self.data,
        }
        if self.causation_id:
            document["causationid"] = self.causation_id
        if self.traceparent:
            document["traceparent"] = self.traceparent
        return orjson.dumps(document)

    @classmethod
    def from_json(cls, body: bytes | str) -> "Envelope":
        """Read a CloudEvent. Raises MalformedEvent naming what is wrong."""
        try:
            document = orjson.loads(body)
            source = document["source"].removeprefix("/services/")
            return cls(
                id=UUID(document["id"]),
                source=source,
                key=document["type"].removeprefix(f"wangge.{source}."),
                subject=document["subject"],
                time=datetime.fromisoformat(document["time"]),
                county_id=_of_type(str, document["countyid"]),
                correlation_id=document["correlationid"],
                causation_id=document.get("causationid"),
                traceparent=document.get("traceparent"),
                sequence=int(document["sequence"]),
                data=_of_type(dict, document["data"]),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedEvent(f"not a CloudEvent of this platform: {error!r}") from error


def _of_type(kind: type[T], value: object) -> T:
    if isinstance(value, kind):
        return value
    raise TypeError(f"{value!r:.40} is no {kind.__name__}")
