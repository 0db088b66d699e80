"""People as messages."""

from services.personnel.people.domain.people import PersonEntry
from wangge.personnel.v1 import people_pb2


def person_message(county_id: str, entry: PersonEntry) -> people_pb2.Person:
    """A person, as the use case shows them."""
    person = entry.person
    return people_pb2.Person(
        county_id=county_id,
        person_id=str(person.person_id),
        name=person.name,
        phone=person.phone or "",
        username=entry.username or "",
        create_time=person.created_at,
        version=person.version,
        identity_number=person.identity_number or "",
        employer=person.employer or "",
        force_source=person.force_source or "",
    )
