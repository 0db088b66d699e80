"""Accounts and personal data over gRPC: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc

from services.personnel.domain.audit import AuditFilter
from services.personnel.domain.people import PersonNotFound
from services.personnel.domain.personal_data import (
    SealedField,
    plain_identity_number,
    plain_phone,
)
from services.personnel.messages import audit_message, person_message
from services.personnel.people_store import IDENTITY_NUMBER_USED
from services.personnel.ports import Vault
from services.personnel.remembered import remembered
from services.personnel.store import PersonnelTransaction
from services.personnel.usecases import personal_data
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import call, paging
from shared.rpc.fields import optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from wangge.personnel.v1 import account_service_pb2 as pb
from wangge.personnel.v1 import account_service_pb2_grpc as pb_grpc

Clock = Callable[[], datetime]

DETAILS = ("name", "phone", "identity_number", "employer", "force_source")
ONE_OF_TWO = Text(
    "Give either a phone or an identity number.", "请填写电话号码或公民身份号码其中一项。"
)
ACCOUNT_RULES: Rules = {
    "UpdatePerson": Rule.needs("staff"),
    "RevealPersonalData": Rule.needs("staff"),
    "LookUpPeople": Rule.needs("staff"),
    "ListAudit": Rule.needs("staff"),
}


class AccountServicer(pb_grpc.AccountServiceServicer):
    """Accounts and personal data over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[PersonnelTransaction], vault: Vault, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._vault = vault
        self._clock = clock

    def UpdatePerson(
        self, request: pb.UpdatePersonRequest, context: grpc.ServicerContext
    ) -> pb.UpdatePersonResponse:
        """Change what is known of a person."""
        person_id = _person_id(request.person_id)
        changes = {name: getattr(request, name) for name in DETAILS if request.HasField(name)}

        def act(tx: PersonnelTransaction) -> pb.UpdatePersonResponse:
            entry = personal_data.update_person(
                tx, person_id, changes, request.expected_version, self._clock()
            )
            return pb.UpdatePersonResponse(person=person_message(tx.context.county_id, entry))

        kept = remembered(request, self._vault)
        return once(self._unit_of_work, kept, pb.UpdatePersonResponse, act, (IDENTITY_NUMBER_USED,))

    def RevealPersonalData(
        self, request: pb.RevealPersonalDataRequest, context: grpc.ServicerContext
    ) -> pb.RevealPersonalDataResponse:
        """Show fields unmasked. Each call reads and is audited anew: its answer is never kept."""
        person_id = _person_id(request.person_id)
        with self._unit_of_work(call.current()) as tx:
            found = personal_data.reveal(
                tx, person_id, request.fields, request.reason, self._clock()
            )
        return pb.RevealPersonalDataResponse(
            person_id=str(person_id),
            phone=found.get(SealedField.PHONE, ""),
            identity_number=found.get(SealedField.IDENTITY_NUMBER, ""),
        )

    def LookUpPeople(
        self, request: pb.LookUpPeopleRequest, context: grpc.ServicerContext
    ) -> pb.LookUpPeopleResponse:
        """Find who has a phone or an identity number."""
        if bool(request.phone) == bool(request.identity_number):
            raise InvalidArgument([Violation("/identity_number", ONE_OF_TWO)])
        if request.phone:
            field, value = SealedField.PHONE, plain_phone(request.phone)
        else:
            field, value = (
                SealedField.IDENTITY_NUMBER,
                plain_identity_number(request.identity_number),
            )
        with self._unit_of_work(call.current()) as tx:
            entries = personal_data.look_up(tx, field, value)
        county_id = call.current().county_id
        return pb.LookUpPeopleResponse(
            people=[person_message(county_id, entry) for entry in entries]
        )

    def ListAudit(
        self, request: pb.ListAuditRequest, context: grpc.ServicerContext
    ) -> pb.ListAuditResponse:
        """List the audit, the newest first."""
        size = paging.size(request.page_size)
        before = paging.decode_one(request.page_token, UUID)
        wanted = AuditFilter(
            person_id=optional_uuid(request.person_id, "/person_id"),
            actor_id=optional_uuid(request.actor_id, "/actor_id"),
            action=request.action or None,
            since=optional_moment(request, "since"),
            until=optional_moment(request, "until"),
        )
        with self._unit_of_work(call.current()) as tx:
            entries = personal_data.list_audit(tx, wanted, before, size + 1)
        page = entries[:size]
        more = len(entries) > size
        county_id = call.current().county_id
        return pb.ListAuditResponse(
            entries=[audit_message(county_id, entry) for entry in page],
            next_page_token=paging.encode(page[-1].entry_id) if more else "",
        )


def _person_id(text: str) -> UUID:
    return uuid_or(text, PersonNotFound(person_id=text))
