"""Accounts and personal data over gRPC: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message
from uuid6 import uuid7

from services.personnel.accounts.domain.accounts import AccountEntry
from services.personnel.accounts.domain.invitations import new_code
from services.personnel.accounts.store import USERNAME_TAKEN
from services.personnel.accounts.usecases import administration as accounts
from services.personnel.audit.domain import AuditFilter
from services.personnel.common.idempotency import remembered, remembered_rows, was_answered
from services.personnel.identity import usecases as outside_identity
from services.personnel.identity.domain import (
    SUBJECT_OR_TOKEN,
    IdToken,
    IdTokenRefused,
    identity_of,
)
from services.personnel.identity.id_tokens import required, taken_id_token
from services.personnel.identity.issuer import OidcIssuer
from services.personnel.identity.store import ACCOUNT_LINKED, IDENTITY_LINKED
from services.personnel.people.domain.people import PersonNotFound
from services.personnel.people.domain.personal_data import (
    SealedField,
    plain_identity_number,
    plain_phone,
)
from services.personnel.people.store.people import IDENTITY_NUMBER_USED
from services.personnel.people.usecases import importing, personal_data
from services.personnel.ports import Vault
from services.personnel.posts.messages import (
    account_message,
    audit_message,
    person_message,
)
from services.personnel.store import PersonnelTransaction
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import call, paging
from shared.rpc.fields import optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rows import outcome_message, rows_of
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
    "ImportPeople": Rule.needs("staff"),
    "InvitePerson": Rule.needs("staff"),
    "ResetPassword": Rule.needs("staff"),
    "UnlockAccount": Rule.needs("staff"),
    "DisableAccount": Rule.needs("staff"),
    "EnableAccount": Rule.needs("staff"),
    "LinkIdentity": Rule(any_post=True),
    "UnlinkIdentity": Rule(any_post=True),
    "GetAccount": Rule.needs("staff"),
    "ListAudit": Rule.needs("staff"),
}
AccountChange = pb.UnlockAccountRequest | pb.DisableAccountRequest | pb.EnableAccountRequest
Answer = TypeVar(
    "Answer", pb.UnlockAccountResponse, pb.DisableAccountResponse, pb.EnableAccountResponse
)
Coded = TypeVar("Coded", pb.InvitePersonResponse, pb.ResetPasswordResponse)
Change = Callable[[PersonnelTransaction, UUID, str, datetime], AccountEntry]


class _GivenUp(Exception):
    def __init__(self, answer: pb.ImportPeopleResponse) -> None:
        super().__init__()
        self.answer = answer


class AccountServicer(pb_grpc.AccountServiceServicer):
    """Accounts and personal data over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[PersonnelTransaction],
        vault: Vault,
        clock: Clock,
        issuer: OidcIssuer | None,
    ) -> None:
        """``issuer`` is the outside issuer that is trusted, if any."""
        self._unit_of_work = unit_of_work
        self._vault = vault
        self._clock = clock
        self._issuer = issuer

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

    def ImportPeople(
        self, request: pb.ImportPeopleRequest, context: grpc.ServicerContext
    ) -> pb.ImportPeopleResponse:
        """Record the people of a file's rows; with any fault, or on trial, nothing stays."""
        rows = rows_of(request.rows)

        def act(tx: PersonnelTransaction) -> pb.ImportPeopleResponse:
            outcome = importing.import_people(tx, rows, _new_id, self._clock())
            answer = pb.ImportPeopleResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )
            if request.dry_run or outcome.faults:
                raise _GivenUp(answer)
            return answer

        kept = remembered_rows(request, self._vault)
        races = (USERNAME_TAKEN, IDENTITY_NUMBER_USED)
        try:
            return once(self._unit_of_work, kept, pb.ImportPeopleResponse, act, races)
        except _GivenUp as given_up:
            return given_up.answer

    def InvitePerson(
        self, request: pb.InvitePersonRequest, context: grpc.ServicerContext
    ) -> pb.InvitePersonResponse:
        """Give a code with which a person chooses a first password."""
        person_id = _person_id(request.person_id)
        new = accounts.Invitation(_new_id(), request.username, new_code())

        def act(tx: PersonnelTransaction) -> pb.InvitePersonResponse:
            entry = accounts.invite(tx, person_id, new, self._clock())
            return pb.InvitePersonResponse(account=account_message(tx.context.county_id, entry))

        return self._with_code(request, pb.InvitePersonResponse, act, new.code)

    def ResetPassword(
        self, request: pb.ResetPasswordRequest, context: grpc.ServicerContext
    ) -> pb.ResetPasswordResponse:
        """Take a password away and give a code with which to choose another."""
        person_id = _person_id(request.person_id)
        code = new_code()

        def act(tx: PersonnelTransaction) -> pb.ResetPasswordResponse:
            entry = accounts.reset_password(tx, person_id, code, request.reason, self._clock())
            return pb.ResetPasswordResponse(account=account_message(tx.context.county_id, entry))

        return self._with_code(request, pb.ResetPasswordResponse, act, code)

    def UnlockAccount(
        self, request: pb.UnlockAccountRequest, context: grpc.ServicerContext
    ) -> pb.UnlockAccountResponse:
        """Forget the failed sign-ins to an account."""
        return self._changed(request, pb.UnlockAccountResponse, accounts.unlock)

    def DisableAccount(
        self, request: pb.DisableAccountRequest, context: grpc.ServicerContext
    ) -> pb.DisableAccountResponse:
        """Let nobody sign in to an account any more."""
        return self._changed(request, pb.DisableAccountResponse, accounts.disable)

    def EnableAccount(
        self, request: pb.EnableAccountRequest, context: grpc.ServicerContext
    ) -> pb.EnableAccountResponse:
        """Let an account be used again."""
        return self._changed(request, pb.EnableAccountResponse, accounts.enable)

    def LinkIdentity(
        self, request: pb.LinkIdentityRequest, context: grpc.ServicerContext
    ) -> pb.LinkIdentityResponse:
        """Link an identity of the outside issuer with an account."""
        person_id = _person_id(request.person_id)
        issuer = required(self._issuer)
        if bool(request.subject) == bool(request.id_token):
            raise InvalidArgument([Violation("/subject", SUBJECT_OR_TOKEN)])
        kept = remembered(request, self._vault)
        token = self._own_token(request, kept) if request.id_token else None

        def act(tx: PersonnelTransaction) -> pb.LinkIdentityResponse:
            now = self._clock()
            if request.subject:
                identity = identity_of(issuer.name, request.subject)
                entry = outside_identity.link(tx, person_id, identity, now)
            elif token is not None:
                entry = outside_identity.link_own(tx, person_id, token, now)
            else:
                raise IdTokenRefused  # used up by the request before, whose answer is gone
            return pb.LinkIdentityResponse(account=account_message(tx.context.county_id, entry))

        races = (IDENTITY_LINKED, ACCOUNT_LINKED)
        return once(self._unit_of_work, kept, pb.LinkIdentityResponse, act, races)

    def UnlinkIdentity(
        self, request: pb.UnlinkIdentityRequest, context: grpc.ServicerContext
    ) -> pb.UnlinkIdentityResponse:
        """Let no identity of the outside issuer open an account any more."""
        person_id = _person_id(request.person_id)
        issuer = required(self._issuer)

        def act(tx: PersonnelTransaction) -> pb.UnlinkIdentityResponse:
            entry = outside_identity.unlink(tx, person_id, issuer.name, self._clock())
            return pb.UnlinkIdentityResponse(account=account_message(tx.context.county_id, entry))

        return once(self._unit_of_work, request, pb.UnlinkIdentityResponse, act)

    def GetAccount(
        self, request: pb.GetAccountRequest, context: grpc.ServicerContext
    ) -> pb.GetAccountResponse:
        """Return how a person's account stands."""
        person_id = _person_id(request.person_id)
        with self._unit_of_work(call.current()) as tx:
            entry = accounts.get_account(tx, person_id)
        return pb.GetAccountResponse(account=account_message(call.current().county_id, entry))

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

    def _own_token(
        self, request: pb.LinkIdentityRequest, kept: pb.LinkIdentityRequest
    ) -> IdToken | None:
        """The token taken; None where the same request was carried out with it before."""
        with self._unit_of_work(call.current()) as tx:
            if was_answered(tx, kept):
                return None
        return taken_id_token(self._unit_of_work, self._issuer, request, self._clock())

    def _changed(
        self, request: AccountChange, response_type: type[Answer], change: Change
    ) -> Answer:
        person_id = _person_id(request.person_id)

        def act(tx: PersonnelTransaction) -> Answer:
            entry = change(tx, person_id, request.reason, self._clock())
            return response_type(account=account_message(tx.context.county_id, entry))

        return once(self._unit_of_work, request, response_type, act)

    def _with_code(
        self,
        request: Message,
        response_type: type[Coded],
        act: Callable[[PersonnelTransaction], Coded],
        code: str,
    ) -> Coded:
        """Act once; the code is in the first answer alone, and not in the one that is kept."""
        acted: list[Coded] = []

        def note(tx: PersonnelTransaction) -> Coded:
            acted.append(act(tx))
            return acted[-1]

        answer = once(self._unit_of_work, request, response_type, note, (USERNAME_TAKEN,))
        if acted and answer is acted[-1]:
            answer.code = code
        return answer


def _new_id() -> UUID:
    return UUID(int=uuid7().int)


def _person_id(text: str) -> UUID:
    return uuid_or(text, PersonNotFound(person_id=text))
