"""Groups and their members over gRPC."""

from uuid import UUID

import grpc

from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.common.usecases import local_day
from services.personnel.groups.domain.groups import (
    Group,
    GroupDetails,
    GroupFilter,
    GroupNotFound,
    Kind,
)
from services.personnel.groups.domain.members import (
    Member,
    MemberFilter,
    MemberNotFound,
    SeatKind,
    Source,
)
from services.personnel.groups.usecases import groups, importing
from services.personnel.groups.usecases.groups import GroupView
from services.personnel.posts.domain.posts import Interval
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.rows import outcome_message, rows_of
from shared.structure.peer import Learned
from wangge.personnel.v1 import groups_pb2
from wangge.personnel.v1 import groups_service_pb2 as pb

write_group = writer(
    groups_pb2.Group,
    GroupView,
    parts=("group", "group.about"),
    names={
        "chair_rule": "rule.words",
        "chairs": "rule.allowed",
        "linked_grid_ids": "group.linked",
        "valid_from": "group.valid.start",
        "valid_to": "group.valid.end",
    },
)
write_member = writer(
    groups_pb2.GroupMember, Member, names={"valid_from": "valid.start", "valid_to": "valid.end"}
)

KINDS = {groups_pb2.GroupKind.Value(f"GROUP_KIND_{each.name}"): each for each in Kind}
SEATS = {groups_pb2.GroupSeat.Value(f"GROUP_SEAT_{each.name}"): each for each in SeatKind}
SOURCES = {groups_pb2.MemberSource.Value(f"MEMBER_SOURCE_{each.name}"): each for each in Source}


class GroupServicer:
    """Groups over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], grid: GridPeer, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._grid = grid
        self._clock = clock

    def CreateGroup(
        self, request: pb.CreateGroupRequest, context: grpc.ServicerContext
    ) -> pb.CreateGroupResponse:
        """Set a group up."""
        now = self._clock()
        kind = KINDS.get(request.kind)
        if kind is None:
            raise InvalidArgument([Violation("/kind", MISSING)])
        new = Group(
            group_id=new_id(),
            kind=kind,
            about=_about(request),
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            grid_path=None,
            parent_id=optional_uuid(request.parent_id, "/parent_id"),
            linked=(),
            valid=Interval(optional_moment(request, "valid_from") or now, None),
            version=1,
        )

        def attempt(learned: Learned) -> pb.CreateGroupResponse:
            def act(tx: Transaction) -> pb.CreateGroupResponse:
                learned.keep(tx)
                return pb.CreateGroupResponse(group=write_group(groups.create_group(tx, new, now)))

            return once(self._unit_of_work, request, pb.CreateGroupResponse, act)

        return self._grid.answer(attempt, now, grid_id=new.grid_id)

    def DescribeGroup(
        self, request: pb.DescribeGroupRequest, context: grpc.ServicerContext
    ) -> pb.DescribeGroupResponse:
        """Replace a group's description."""
        group_id, about = _group_id(request.group_id), _about(request)

        def act(tx: Transaction) -> pb.DescribeGroupResponse:
            version = request.expected_version
            view = groups.describe_group(tx, group_id, about, version, self._clock())
            return pb.DescribeGroupResponse(group=write_group(view))

        return once(self._unit_of_work, request, pb.DescribeGroupResponse, act)

    def MoveGroup(
        self, request: pb.MoveGroupRequest, context: grpc.ServicerContext
    ) -> pb.MoveGroupResponse:
        """Put a group under another one, or under none."""
        group_id = _group_id(request.group_id)
        parent_id = optional_uuid(request.parent_id, "/parent_id")

        def act(tx: Transaction) -> pb.MoveGroupResponse:
            version = request.expected_version
            view = groups.move_group(tx, group_id, parent_id, version, self._clock())
            return pb.MoveGroupResponse(group=write_group(view))

        return once(self._unit_of_work, request, pb.MoveGroupResponse, act)

    def EndGroup(
        self, request: pb.EndGroupRequest, context: grpc.ServicerContext
    ) -> pb.EndGroupResponse:
        """Dissolve a group."""
        group_id = _group_id(request.group_id)
        at = optional_moment(request, "valid_to")

        def act(tx: Transaction) -> pb.EndGroupResponse:
            version = request.expected_version
            view = groups.end_group(tx, group_id, at, version, self._clock())
            return pb.EndGroupResponse(group=write_group(view))

        return once(self._unit_of_work, request, pb.EndGroupResponse, act)

    def GetGroup(
        self, request: pb.GetGroupRequest, context: grpc.ServicerContext
    ) -> pb.GetGroupResponse:
        """Return one group with its members at a moment."""
        group_id = _group_id(request.group_id)
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            view, members = groups.get_group(tx, group_id, moment, self._clock())
        return pb.GetGroupResponse(
            group=write_group(view), members=[write_member(each) for each in members]
        )

    def ListGroups(
        self, request: pb.ListGroupsRequest, context: grpc.ServicerContext
    ) -> pb.ListGroupsResponse:
        """List groups at a moment."""
        asked = PageRequest.of(request)
        now = self._clock()
        wanted = GroupFilter(
            moment=optional_moment(request, "as_of") or now,
            kind=KINDS.get(request.kind),
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            linked_grid_id=optional_uuid(request.linked_grid_id, "/linked_grid_id"),
            parent_id=optional_uuid(request.parent_id, "/parent_id"),
            person_id=optional_uuid(request.person_id, "/person_id"),
        )
        with self._unit_of_work(call.current()) as tx:
            found = groups.list_groups(tx, wanted, asked, now)
        return pb.ListGroupsResponse(
            groups=[write_group(view) for view in found.items],
            next_page_token=found.next_page_token,
        )

    def AddGroupMember(
        self, request: pb.AddGroupMemberRequest, context: grpc.ServicerContext
    ) -> pb.AddGroupMemberResponse:
        """Add a member."""
        group_id, now = _group_id(request.group_id), self._clock()
        seat = SEATS.get(request.seat)
        if seat is None:
            raise InvalidArgument([Violation("/seat", MISSING)])
        new = Member(
            member_id=new_id(),
            group_id=group_id,
            seat=seat,
            person_id=optional_uuid(request.person_id, "/person_id"),
            department_id=request.department_id or None,
            body=request.body or None,
            title=request.title,
            source=SOURCES.get(request.source),
            valid=Interval(
                optional_moment(request, "valid_from") or now, optional_moment(request, "valid_to")
            ),
            version=1,
        )

        def act(tx: Transaction) -> pb.AddGroupMemberResponse:
            member = groups.add_member(tx, new, now)
            return pb.AddGroupMemberResponse(member=write_member(member))

        return once(self._unit_of_work, request, pb.AddGroupMemberResponse, act)

    def ImportGroupMembers(
        self, request: pb.ImportGroupMembersRequest, context: grpc.ServicerContext
    ) -> pb.ImportGroupMembersResponse:
        """Add members from a file."""
        group_id, rows = _group_id(request.group_id), rows_of(request.rows)

        def act(tx: Transaction) -> pb.ImportGroupMembersResponse:
            outcome = importing.import_members(
                tx, group_id, rows, new_id, self._clock(), dry_run=request.dry_run
            )
            return pb.ImportGroupMembersResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )

        return once(self._unit_of_work, request, pb.ImportGroupMembersResponse, act)

    def EndGroupMember(
        self, request: pb.EndGroupMemberRequest, context: grpc.ServicerContext
    ) -> pb.EndGroupMemberResponse:
        """End a member's time in the group."""
        member_id = uuid_or(request.member_id, MemberNotFound(member_id=request.member_id))
        at = optional_moment(request, "valid_to")

        def act(tx: Transaction) -> pb.EndGroupMemberResponse:
            version = request.expected_version
            member = groups.end_member(tx, member_id, at, version, self._clock())
            return pb.EndGroupMemberResponse(member=write_member(member))

        return once(self._unit_of_work, request, pb.EndGroupMemberResponse, act)

    def ListGroupMembers(
        self, request: pb.ListGroupMembersRequest, context: grpc.ServicerContext
    ) -> pb.ListGroupMembersResponse:
        """List members of groups at a moment."""
        asked = PageRequest.of(request)
        moment = optional_moment(request, "as_of") or self._clock()
        group_id = optional_uuid(request.group_id, "/group_id")
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        with self._unit_of_work(call.current()) as tx:
            wanted = MemberFilter(
                moment=moment,
                day=local_day(tx, moment),
                group_id=group_id,
                source=SOURCES.get(request.source),
                seat=SEATS.get(request.seat),
                grid_id=grid_id,
            )
            found = groups.list_members(tx, wanted, asked)
        return pb.ListGroupMembersResponse(
            members=[write_member(each) for each in found.items],
            next_page_token=found.next_page_token,
        )

    def LinkGroupGrid(
        self, request: pb.LinkGroupGridRequest, context: grpc.ServicerContext
    ) -> pb.LinkGroupGridResponse:
        """Let a group work for a grid beside its own."""
        group_id, grid_id = _group_id(request.group_id), _grid_id(request.grid_id)
        now = self._clock()

        def attempt(learned: Learned) -> pb.LinkGroupGridResponse:
            def act(tx: Transaction) -> pb.LinkGroupGridResponse:
                learned.keep(tx)
                view = groups.link_grid(tx, group_id, grid_id, request.expected_version, now)
                return pb.LinkGroupGridResponse(group=write_group(view))

            return once(self._unit_of_work, request, pb.LinkGroupGridResponse, act)

        return self._grid.answer(attempt, now, grid_id=grid_id)

    def UnlinkGroupGrid(
        self, request: pb.UnlinkGroupGridRequest, context: grpc.ServicerContext
    ) -> pb.UnlinkGroupGridResponse:
        """End a group's work for a grid beside its own."""
        group_id, grid_id = _group_id(request.group_id), _grid_id(request.grid_id)

        def act(tx: Transaction) -> pb.UnlinkGroupGridResponse:
            version = request.expected_version
            view = groups.unlink_grid(tx, group_id, grid_id, version, self._clock())
            return pb.UnlinkGroupGridResponse(group=write_group(view))

        return once(self._unit_of_work, request, pb.UnlinkGroupGridResponse, act)


def _about(request: pb.CreateGroupRequest | pb.DescribeGroupRequest) -> GroupDetails:
    return GroupDetails(
        name=request.name,
        chair_rule=request.chair_rule,
        chairs=request.chairs or None,
        office=request.office,
        quota=request.quota if request.HasField("quota") else None,
        funding=request.funding,
        duties=tuple(request.duties),
        qualities=tuple(request.qualities),
        training_kind=request.training_kind,
    )


def _group_id(text: str) -> UUID:
    return uuid_or(text, GroupNotFound(group_id=text))


def _grid_id(text: str) -> UUID:
    found = optional_uuid(text, "/grid_id")
    if found is None:
        raise InvalidArgument([Violation("/grid_id", MISSING)])
    return found
