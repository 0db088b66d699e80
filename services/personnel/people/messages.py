"""People as messages."""

import hashlib
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.personnel.common.messages import without_secrets
from services.personnel.people.domain.people import PersonEntry
from services.personnel.people.domain.personal_data import SealedField
from services.personnel.people.vault import Vault
from shared.rpc.messages import writer
from wangge.personnel.v1 import people_pb2

write_person = writer(people_pb2.Person, PersonEntry, parts=("person",))


Request = TypeVar("Request", bound=Message)


def without_personal_data(request: Request, vault: Vault) -> Request:
    """The request without its secrets, and with blind indexes in the place of personal data."""
    message: Any = without_secrets(request)
    for field in SealedField:
        if field in request.DESCRIPTOR.fields_by_name and (value := getattr(message, field)):
            setattr(message, field, vault.index(message.county_id, field, value).hex())
    kept: Request = message
    return kept


def without_rows(request: Request, vault: Vault) -> Request:
    """A request whose rows are a file of people, with one blind index in the place of all rows."""
    kept = type(request)()
    kept.CopyFrom(request)
    message: Any = kept
    content = b"".join(row.SerializeToString(deterministic=True) for row in message.rows)
    digest = hashlib.sha256(content).hexdigest()
    message.ClearField("rows")
    message.rows.add(cells={"": vault.index(message.county_id, "rows", digest).hex()})
    return kept
