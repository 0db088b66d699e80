"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.personnel.accounts.store import USERNAME_TAKEN
from services.personnel.common.idempotency import remembered
from services.personnel.common.peer import GridPeer
from services.personnel.people.domain.people import PeopleFilter, PersonNotFound
from services.personnel.people.store.people import IDENTITY_NUMBER_USED
from services.personnel.people.usecases import people
from services.personnel.ports import PasswordHasher, Vault
from services.personnel.posts.domain.posts import ADMIN_ROLE_TYPE, PostFilter, PostNotFound
from services.personnel.posts.messages import person_message, post_message, terms_of
from services.personnel.posts.usecases import appointing as posting
from services.personnel.staffing.domain import Responsibility
from services.personnel.staffing.messages import gap_message, responsible_message
from services.personnel.store import PersonnelTransaction
from shared.context import CITY_OPERATOR
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.rpc import call, paging
from shared.rpc.fields import MISSING, optional_moment, optional_uuid, present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.structure.peer import NOTHING, Learned
from shared.structure.store import GridNotFound
from wangge.personnel.v1 import personnel_service_pb2 as pb
from wangge.personnel.v1 import personnel_service_pb2_grpc as pb_grpc

Clock = Callable[[], datetime]

RULES: Rules = {
    "CreatePerson": Rule.needs("staff"),
    "CreateCountyAdmin": Rule.city(CITY_OPERATOR),
    "GetPerson": Rule(any_post=True),
    "ListPeople": Rule.needs("staff"),
    "AssignPost": Rule.needs("staff"),
    "EndPost": Rule.needs("staff"),
    "ListPosts": Rule.needs("read"),
    "FindResponsible": Rule.needs("read"),
}


class PersonnelServicer(pb_grpc.PersonnelServiceServicer):
    """People and posts over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[PersonnelTransaction],
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
            person_id=_new_id(),
            account_id=_new_id(),
            name=request.name,
            phone=request.phone,
            username=request.username,
            password=request.password,
            identity_number=request.identity_number,
            employer=request.employer,
            force_source=request.force_source,
        )

        def act(tx: PersonnelTransaction) -> pb.CreatePersonResponse:
            entry = people.create_person(tx, self._hasher, new, self._clock())
            return pb.CreatePersonResponse(person=person_message(tx.context.county_id, entry))

        kept = remembered(request, self._vault)
        races = (USERNAME_TAKEN, IDENTITY_NUMBER_USED)
        return once(self._unit_of_work, kept, pb.CreatePersonResponse, act, races)

    def CreateCountyAdmin(
        self, request: pb.CreateCountyAdminRequest, context: grpc.ServicerContext
    ) -> pb.CreateCountyAdminResponse:
        """Record a county's administrator, with account and post."""
        new = people.NewPerson(
            person_id=_new_id(),
            account_id=_new_id(),
            name=request.name,
            username=present(request.username, "/username"),
            password=request.password,
        )
        now = self._clock()
        learned = self._grid.learn(now, role_type=ADMIN_ROLE_TYPE)

        def act(tx: PersonnelTransaction) -> pb.CreateCountyAdminResponse:
            learned.keep(tx)
            entry, post = posting.create_county_admin(tx, self._hasher, new, _new_id(), now)
            county_id = tx.context.county_id
            return pb.CreateCountyAdminResponse(
                person=person_message(county_id, entry), post=post_message(county_id, post)
            )

        kept = remembered(request, self._vault)
        return once(self._unit_of_work, kept, pb.CreateCountyAdminResponse, act, (USERNAME_TAKEN,))

    def GetPerson(
        self, request: pb.GetPersonRequest, context: grpc.ServicerContext
    ) -> pb.GetPersonResponse:
        """Return one person."""
        person_id = uuid_or(request.person_id, PersonNotFound(person_id=request.person_id))
        with self._unit_of_work(call.current()) as tx:
            entry = people.get_person(tx, person_id)
        return pb.GetPersonResponse(person=person_message(call.current().county_id, entry))

    def ListPeople(
        self, request: pb.ListPeopleRequest, context: grpc.ServicerContext
    ) -> pb.ListPeopleResponse:
        """List people, in the order recorded."""
        size = paging.size(request.page_size)
        after = _after(request.page_token)
        wanted = PeopleFilter(
            moment=self._clock(),
            name=request.name or None,
            role_type=request.role_type or None,
            without_post=request.without_post,
        )
        with self._unit_of_work(call.current()) as tx:
            entries = people.list_people(tx, wanted, after, size + 1)
        page = entries[:size]
        more = len(entries) > size
        county_id = call.current().county_id
        return pb.ListPeopleResponse(
            people=[person_message(county_id, entry) for entry in page],
            next_page_token=paging.encode(page[-1].person.person_id) if more else "",
        )

    def AssignPost(
        self, request: pb.AssignPostRequest, context: grpc.ServicerContext
    ) -> pb.AssignPostResponse:
        """Appoint a person."""
        asked = _appointment(request)
        now = self._clock()
        learned = self._grid.learn(now, role_type=asked.role_type, grid_id=asked.grid_id)

        def act(tx: PersonnelTransaction) -> pb.AssignPostResponse:
            learned.keep(tx)
            post = posting.assign_post(tx, asked, now)
            return pb.AssignPostResponse(post=post_message(tx.context.county_id, post))

        return once(self._unit_of_work, request, pb.AssignPostResponse, act)

    def EndPost(
        self, request: pb.EndPostRequest, context: grpc.ServicerContext
    ) -> pb.EndPostResponse:
        """Give a post its end."""
        post_id = uuid_or(request.post_id, PostNotFound(post_id=request.post_id))
        at = optional_moment(request, "valid_to")

        def act(tx: PersonnelTransaction) -> pb.EndPostResponse:
            post = posting.end_post(tx, post_id, at, request.expected_version, self._clock())
            return pb.EndPostResponse(post=post_message(tx.context.county_id, post))

        return once(self._unit_of_work, request, pb.EndPostResponse, act)

    def ListPosts(
        self, request: pb.ListPostsRequest, context: grpc.ServicerContext
    ) -> pb.ListPostsResponse:
        """List posts in force at a moment, oldest first."""
        size = paging.size(request.page_size)
        after = _after(request.page_token)
        wanted = PostFilter(
            moment=optional_moment(request, "as_of") or self._clock(),
            person_id=optional_uuid(request.person_id, "/person_id"),
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            department_id=request.department_id or None,
        )
        with self._unit_of_work(call.current()) as tx:
            posts = posting.list_posts(tx, wanted, after, size + 1)
        page = posts[:size]
        more = len(posts) > size
        county_id = call.current().county_id
        return pb.ListPostsResponse(
            posts=[post_message(county_id, post) for post in page],
            next_page_token=paging.encode(page[-1].post_id) if more else "",
        )

    def FindResponsible(
        self, request: pb.FindResponsibleRequest, context: grpc.ServicerContext
    ) -> pb.FindResponsibleResponse:
        """Name who answers for a grid."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        now = self._clock()
        moment = optional_moment(request, "at") or now
        try:
            found = self._find_responsible(grid_id, moment, NOTHING)
        except GridNotFound:
            learned = self._grid.learn(now, grid_id=grid_id)
            found = self._find_responsible(grid_id, moment, learned)
        county_id = call.current().county_id
        return pb.FindResponsibleResponse(
            responsible=[responsible_message(county_id, each) for each in found.answering],
            gaps=[gap_message(gap, found.grid_names.get(gap.grid_id, "")) for gap in found.gaps],
        )

    def _find_responsible(
        self, grid_id: UUID, moment: datetime, learned: Learned
    ) -> Responsibility:
        with self._unit_of_work(call.current()) as tx:
            learned.keep(tx)
            return posting.find_responsible(tx, grid_id, moment)


def _appointment(request: pb.AssignPostRequest) -> posting.Appointment:
    person_id = optional_uuid(request.person_id, "/person_id")
    if person_id is None:
        raise InvalidArgument([Violation("/person_id", MISSING)])
    return posting.Appointment(
        post_id=_new_id(),
        person_id=person_id,
        role_type=present(request.role_type, "/role_type"),
        grid_id=optional_uuid(request.grid_id, "/grid_id"),
        department_id=request.department_id or None,
        valid_from=optional_moment(request, "valid_from"),
        valid_to=optional_moment(request, "valid_to"),
        terms=terms_of(request),
    )


def _after(page_token: str) -> UUID | None:
    """The last id seen. Raises InvalidArgument for what is no page token of these lists."""
    key = paging.decode(page_token, 1)
    if key is None:
        return None
    bad_token = InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)])
    return uuid_or(str(key[0]), bad_token)


def _new_id() -> UUID:
    return UUID(int=uuid7().int)
