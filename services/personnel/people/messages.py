"""People as messages."""

from services.personnel.people.domain.people import PersonEntry
from shared.rpc.messages import writer
from wangge.personnel.v1 import people_pb2

write_person = writer(people_pb2.Person, PersonEntry, parts=("person",))
