"""Posts over gRPC."""

import grpc

from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.posts.domain.posts import PostFilter, PostNotFound
from services.personnel.posts.messages import terms_of, write_post
from services.personnel.posts.usecases import appointing, handing_over
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, optional_moment, optional_uuid, present, uuid_or
from shared.rpc.idempotency import once
from shared.structure.peer import Learned
from wangge.personnel.v1 import people_service_pb2 as pb
from wangge.personnel.v1 import staffing_service_pb2 as staffing_pb


class PostServicer:
    """Posts over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], grid: GridPeer, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._grid = grid
        self._clock = clock

    def AssignPost(
        self, request: pb.AssignPostRequest, context: grpc.ServicerContext
    ) -> pb.AssignPostResponse:
        """Appoint a person."""
        asked = _appointment(request)

        def attempt(learned: Learned) -> pb.AssignPostResponse:
            def act(tx: Transaction) -> pb.AssignPostResponse:
                appointing.hold_place(tx, asked)
                learned.keep(tx)
                post = appointing.assign_post(tx, asked, self._clock)
                return pb.AssignPostResponse(post=write_post(post))

            return once(self._unit_of_work, request, pb.AssignPostResponse, act)

        return self._grid.answer(
            attempt, self._clock(), role_type=asked.role_type, grid_id=asked.grid_id
        )

    def EndPost(
        self, request: pb.EndPostRequest, context: grpc.ServicerContext
    ) -> pb.EndPostResponse:
        """End a post."""
        post_id = uuid_or(request.post_id, PostNotFound(post_id=request.post_id))
        at = optional_moment(request, "valid_to")

        def act(tx: Transaction) -> pb.EndPostResponse:
            post = appointing.end_post(tx, post_id, at, request.expected_version, self._clock)
            return pb.EndPostResponse(post=write_post(post))

        return once(self._unit_of_work, request, pb.EndPostResponse, act)

    def ListPosts(
        self, request: pb.ListPostsRequest, context: grpc.ServicerContext
    ) -> pb.ListPostsResponse:
        """List posts in force at a moment, oldest first."""
        asked = PageRequest.of(request)
        wanted = PostFilter(
            moment=optional_moment(request, "as_of") or self._clock(),
            person_id=optional_uuid(request.person_id, "/person_id"),
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            department_id=request.department_id or None,
        )
        with self._unit_of_work(call.current()) as tx:
            posts = appointing.list_posts(tx, wanted, asked)
        return pb.ListPostsResponse(
            posts=[write_post(post) for post in posts.items],
            next_page_token=posts.next_page_token,
        )

    def HandOver(
        self, request: staffing_pb.HandOverRequest, context: grpc.ServicerContext
    ) -> staffing_pb.HandOverResponse:
        """End a post and appoint the successor."""
        post_id = uuid_or(request.post_id, PostNotFound(post_id=request.post_id))
        successor = optional_uuid(request.person_id, "/person_id")
        if successor is None:
            raise InvalidArgument([Violation("/person_id", MISSING)])
        at = optional_moment(request, "at")
        asked = handing_over.HandOver(post_id, successor, new_id(), at, request.expected_version)

        def act(tx: Transaction) -> staffing_pb.HandOverResponse:
            ended, post = handing_over.hand_over(tx, asked, self._clock)
            return staffing_pb.HandOverResponse(ended=write_post(ended), post=write_post(post))

        return once(self._unit_of_work, request, staffing_pb.HandOverResponse, act)

    def DescribePost(
        self, request: staffing_pb.DescribePostRequest, context: grpc.ServicerContext
    ) -> staffing_pb.DescribePostResponse:
        """Change what a post is about."""
        post_id = uuid_or(request.post_id, PostNotFound(post_id=request.post_id))
        terms, version = terms_of(request), request.expected_version

        def act(tx: Transaction) -> staffing_pb.DescribePostResponse:
            post = handing_over.describe_post(tx, post_id, terms, version, self._clock)
            return staffing_pb.DescribePostResponse(post=write_post(post))

        return once(self._unit_of_work, request, staffing_pb.DescribePostResponse, act)


def _appointment(request: pb.AssignPostRequest) -> appointing.Appointment:
    person_id = optional_uuid(request.person_id, "/person_id")
    if person_id is None:
        raise InvalidArgument([Violation("/person_id", MISSING)])
    return appointing.Appointment(
        post_id=new_id(),
        person_id=person_id,
        role_type=present(request.role_type, "/role_type"),
        grid_id=optional_uuid(request.grid_id, "/grid_id"),
        department_id=request.department_id or None,
        valid_from=optional_moment(request, "valid_from"),
        valid_to=optional_moment(request, "valid_to"),
        terms=terms_of(request),
    )
