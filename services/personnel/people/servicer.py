"""People and their personal data over gRPC."""

from uuid import UUID

import grpc

from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.accounts.store import USERNAME_TAKEN
from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.people.domain.people import PeopleFilter
from services.personnel.people.domain.personal_data import (
    SealedField,
    plain_identity_number,
    plain_phone,
)
from services.personnel.people.messages import without_personal_data, without_rows, write_person
from services.personnel.people.store.people import IDENTITY_NUMBER_USED
from services.personnel.people.usecases import county_admin, importing, people, personal_data
from services.personnel.people.vault import Vault
from services.personnel.posts.domain.posts import ADMIN_ROLE_TYPE
from services.personnel.posts.messages import write_post
from services.personnel.roster.domain import PersonNotFound
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rows import outcome_message, rows_of
from shared.structure.peer import Learned
from wangge.personnel.v1 import accounts_service_pb2 as account_pb
from wangge.personnel.v1 import people_service_pb2 as pb

DETAILS = ("name", "phone", "identity_number", "employer", "force_source")
ONE_OF_TWO = Text(
    "Give either a phone or an identity number.", "请填写电话号码或公民身份号码其中一项。"
)


class _GivenUp(Exception):
    def __init__(self, answer: account_pb.ImportPeopleResponse) -> None:
        super().__init__()
        self.answer = answer


class PeopleServicer:
    """People over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[Transaction],
        hasher: PasswordHasher,
        grid: GridPeer,
        clock: Clock,
        vault: Vault,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._hasher = hasher
        self._grid = grid
        self._clock = clock
        self._vault = vault

    def CreatePerson(
        self, request: pb.CreatePersonRequest, context: grpc.ServicerContext
    ) -> pb.CreatePersonResponse:
        """Record a person."""
        new = people.NewPerson(
            person_id=new_id(),
            account_id=new_id(),
            name=request.name,
            phone=request.phone,
            username=request.username,
            password=request.password,
            identity_number=request.identity_number,
            employer=request.employer,
            force_source=request.force_source,
        )

        def act(tx: Transaction) -> pb.CreatePersonResponse:
            entry = people.create_person(tx, self._hasher, new, self._clock())
            return pb.CreatePersonResponse(person=write_person(entry))

        kept = without_personal_data(request, self._vault)
        races = (USERNAME_TAKEN, IDENTITY_NUMBER_USED)
        return once(self._unit_of_work, kept, pb.CreatePersonResponse, act, races)

    def CreateCountyAdmin(
        self, request: pb.CreateCountyAdminRequest, context: grpc.ServicerContext
    ) -> pb.CreateCountyAdminResponse:
        """Record a county's administrator, with account and post."""
        new = people.NewPerson(
            person_id=new_id(),
            account_id=new_id(),
            name=request.name,
            username=present(request.username, "/username"),
            password=request.password,
        )
        kept = without_personal_data(request, self._vault)

        def attempt(learned: Learned) -> pb.CreateCountyAdminResponse:
            def act(tx: Transaction) -> pb.CreateCountyAdminResponse:
                county_admin.hold_place(tx)
                learned.keep(tx)
                entry, post = county_admin.create_county_admin(
                    tx, self._hasher, new, new_id(), self._clock
                )
                return pb.CreateCountyAdminResponse(
                    person=write_person(entry), post=write_post(post)
                )

            answer = pb.CreateCountyAdminResponse
            return once(self._unit_of_work, kept, answer, act, (USERNAME_TAKEN,))

        return self._grid.answer(attempt, self._clock(), role_type=ADMIN_ROLE_TYPE)

    def GetPerson(
        self, request: pb.GetPersonRequest, context: grpc.ServicerContext
    ) -> pb.GetPersonResponse:
        """Return one person."""
        person_id = uuid_or(request.person_id, PersonNotFound(person_id=request.person_id))
        with self._unit_of_work(call.current()) as tx:
            entry = people.get_person(tx, person_id)
        return pb.GetPersonResponse(person=write_person(entry))

    def ListPeople(
        self, request: pb.ListPeopleRequest, context: grpc.ServicerContext
    ) -> pb.ListPeopleResponse:
        """List people, in the order recorded."""
        asked = PageRequest.of(request)
        wanted = PeopleFilter(
            moment=self._clock(),
            name=request.name or None,
            role_type=request.role_type or None,
            without_post=request.without_post,
        )
        with self._unit_of_work(call.current()) as tx:
            entries = people.list_people(tx, wanted, asked)
        return pb.ListPeopleResponse(
            people=[write_person(entry) for entry in entries.items],
            next_page_token=entries.next_page_token,
        )

    def UpdatePerson(
        self, request: account_pb.UpdatePersonRequest, context: grpc.ServicerContext
    ) -> account_pb.UpdatePersonResponse:
        """Change what is known of a person."""
        person_id = _person_id(request.person_id)
        changes = {name: getattr(request, name) for name in DETAILS if request.HasField(name)}

        def act(tx: Transaction) -> account_pb.UpdatePersonResponse:
            entry = personal_data.update_person(
                tx, person_id, changes, request.expected_version, self._clock()
            )
            return account_pb.UpdatePersonResponse(person=write_person(entry))

        kept = without_personal_data(request, self._vault)
        return once(
            self._unit_of_work, kept, account_pb.UpdatePersonResponse, act, (IDENTITY_NUMBER_USED,)
        )

    def RevealPersonalData(
        self, request: account_pb.RevealPersonalDataRequest, context: grpc.ServicerContext
    ) -> account_pb.RevealPersonalDataResponse:
        """Show fields unmasked. Each call reads and is audited anew: its answer is never kept."""
        person_id = _person_id(request.person_id)
        with self._unit_of_work(call.current()) as tx:
            found = personal_data.reveal(
                tx, person_id, request.fields, request.reason, self._clock()
            )
        return account_pb.RevealPersonalDataResponse(
            person_id=str(person_id),
            phone=found.get(SealedField.PHONE, ""),
            identity_number=found.get(SealedField.IDENTITY_NUMBER, ""),
        )

    def LookUpPeople(
        self, request: account_pb.LookUpPeopleRequest, context: grpc.ServicerContext
    ) -> account_pb.LookUpPeopleResponse:
        """Find the people who have a phone or an identity number."""
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
        return account_pb.LookUpPeopleResponse(people=[write_person(entry) for entry in entries])

    def ImportPeople(
        self, request: account_pb.ImportPeopleRequest, context: grpc.ServicerContext
    ) -> account_pb.ImportPeopleResponse:
        """Record the people of a file's rows; with any fault, or on trial, nothing stays."""
        rows = rows_of(request.rows)

        def act(tx: Transaction) -> account_pb.ImportPeopleResponse:
            outcome = importing.import_people(tx, rows, new_id, self._clock)
            answer = account_pb.ImportPeopleResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )
            if request.dry_run or outcome.faults:
                raise _GivenUp(answer)
            return answer

        kept = without_rows(request, self._vault)
        races = (USERNAME_TAKEN, IDENTITY_NUMBER_USED)
        try:
            return once(self._unit_of_work, kept, account_pb.ImportPeopleResponse, act, races)
        except _GivenUp as given_up:
            return given_up.answer


def _person_id(text: str) -> UUID:
    return uuid_or(text, PersonNotFound(person_id=text))
