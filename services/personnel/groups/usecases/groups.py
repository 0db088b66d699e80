"""Setting groups up, adding members, and reading them as they were at any moment."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.common.usecases import grid_in_force, local_day, scheme_in_force
from services.personnel.groups.domain import groups
from services.personnel.groups.domain.groups import (
    ChairRule,
    Group,
    GroupCycle,
    GroupDetails,
    GroupFilter,
    GroupHasGroups,
)
from services.personnel.groups.domain.members import (
    UNKNOWN_PERSON,
    Member,
    MemberFilter,
    check_seat,
    make_member,
)
from services.personnel.groups.store.groups import GroupStore
from services.personnel.groups.store.members import MemberStore
from services.personnel.posts.domain.posts import READ, Interval, Viewer
from services.personnel.posts.usecases.permissions import require_staff_on
from services.personnel.roster.store import RosterStore
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, PermissionDenied, Violation, require_version
from shared.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with the rule of today about who chairs it."""

    group: Group
    rule: ChairRule


def create_group(tx: Transaction, new: Group, now: datetime) -> GroupView:
    """Set a group up.

    Raises InvalidArgument naming what is at fault, PermissionDenied where the caller's staff
    capability does not reach the place.
    """
    group = new
    if new.grid_id is not None:
        group = replace(new, grid_path=grid_in_force(tx, new.grid_id, now).path)
    require_staff_on(tx.context, group.grid_path)
    made = groups.make_group(group, scheme_in_force(tx, now))
    if made.parent_id is not None:
        groups.check_parent(made, tx.store(GroupStore).find(made.parent_id), now)
    tx.store(GroupStore).add(made)
    return _view(tx, made, now)


def describe_group(
    tx: Transaction, group_id: UUID, about: GroupDetails, expected_version: int, now: datetime
) -> GroupView:
    """Replace a group's description.

    Raises InvalidArgument, and what every change of a group raises.
    """
    group = _changeable(tx, group_id, expected_version, now)
    tidy = groups.described(about, group.kind, scheme_in_force(tx, now))
    return _saved(tx, replace(group, about=tidy), now)


def move_group(
    tx: Transaction,
    group_id: UUID,
    parent_id: UUID | None,
    expected_version: int,
    now: datetime,
) -> GroupView:
    """Put a group under another one, or under none.

    Raises GroupCycle, InvalidArgument, and what every change of a group raises.
    """
    tx.store(GroupStore).lock_tree()
    group = _changeable(tx, group_id, expected_version, now)
    if parent_id is not None:
        groups.check_parent(group, tx.store(GroupStore).find(parent_id), now)
        if group_id in tx.store(GroupStore).upward(parent_id):
            raise GroupCycle(parent_id=parent_id)
    return _saved(tx, replace(group, parent_id=parent_id), now)


def end_group(
    tx: Transaction,
    group_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> GroupView:
    """Dissolve a group; its members' time and its links end with it.

    Raises GroupHasGroups, InvalidArgument, and what every change of a group raises.
    """
    tx.store(GroupStore).lock_tree()
    group = _changeable(tx, group_id, expected_version, now)
    end = at or now
    if count := tx.store(GroupStore).count_under(group_id, end):
        raise GroupHasGroups(count=count)
    ended = replace(group, valid=groups.cut(group.valid, end, now))
    tx.store(MemberStore).end_all(group_id, end)
    tx.store(GroupStore).end_links(group_id, None, end)
    return _saved(tx, ended, now)


def get_group(
    tx: Transaction, group_id: UUID, moment: datetime | None, now: datetime
) -> tuple[GroupView, list[Member]]:
    """One group with its members at a moment. Raises GroupNotFound, PermissionDenied."""
    group = tx.store(GroupStore).get(group_id, moment or now)
    if not tx.store(GroupStore).is_visible(group_id, Viewer.of(tx.context, READ), now):
        raise PermissionDenied(capability=READ)
    at = moment or now
    return _view(tx, group, now), tx.store(MemberStore).of_group(group_id, at, local_day(tx, at))


def list_groups(
    tx: Transaction, wanted: GroupFilter, asked: PageRequest, now: datetime
) -> Page[GroupView]:
    """Groups that the caller may read, in the order recorded."""
    scheme = scheme_in_force(tx, now)
    found = tx.store(GroupStore).page(Viewer.of(tx.context, READ), wanted, asked)
    return found.map(lambda group: GroupView(group, groups.chair_rule(group, scheme)))


def add_member(tx: Transaction, new: Member, now: datetime) -> Member:
    """Add a member.

    Raises InvalidArgument, GroupNotFound, PermissionDenied, RecordOver, MemberTwice, SeatTaken,
    ChairsTaken.
    """
    group = _changeable(tx, new.group_id, 0, now)
    scheme = scheme_in_force(tx, now)
    member = make_member(new, group, scheme)
    if member.person_id is not None:
        name = tx.store(RosterStore).names([member.person_id]).get(member.person_id)
        if name is None:
            raise InvalidArgument([Violation("/person_id", UNKNOWN_PERSON)])
        member = replace(member, person_name=name)
    allowed = groups.chair_rule(group, scheme).allowed
    check_seat(member, tx.store(MemberStore).all_of(group.group_id), allowed)
    tx.store(MemberStore).add(member)
    return member


def end_member(
    tx: Transaction,
    member_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> Member:
    """End a member's time in the group.

    Raises MemberNotFound, Aborted, PermissionDenied, RecordOver, InvalidArgument.
    """
    member = tx.store(MemberStore).get(member_id)
    group = tx.store(GroupStore).locked(member.group_id, now)
    require_staff_on(tx.context, group.grid_path)
    require_version(expected_version, member.version)
    valid = groups.cut(member.valid, at or now, now)
    ended = replace(member, valid=valid, version=member.version + 1)
    tx.store(MemberStore).save(ended, member.version)
    return ended


def list_members(tx: Transaction, wanted: MemberFilter, asked: PageRequest) -> Page[Member]:
    """Members of groups that the caller may read, in the order recorded."""
    return tx.store(MemberStore).page(Viewer.of(tx.context, READ), wanted, asked)


def link_grid(
    tx: Transaction, group_id: UUID, grid_id: UUID, expected_version: int, now: datetime
) -> GroupView:
    """Let a group work for a grid beside its own; the same again changes nothing.

    Raises InvalidArgument for a grid that is not in force, PermissionDenied where the staff
    capability does not reach it, and what every change of a group raises.
    """
    group = _changeable(tx, group_id, expected_version, now)
    grid = grid_in_force(tx, grid_id, now)
    require_staff_on(tx.context, grid.path)
    if grid_id in group.linked:
        return _view(tx, group, now)
    tx.store(GroupStore).add_link(group_id, grid_id, Interval(now, None))
    return _saved(tx, replace(group, linked=(*group.linked, grid_id)), now)


def unlink_grid(
    tx: Transaction, group_id: UUID, grid_id: UUID, expected_version: int, now: datetime
) -> GroupView:
    """End a group's work for a grid; where it has none, nothing changes."""
    group = _changeable(tx, group_id, expected_version, now)
    if grid_id not in group.linked:
        return _view(tx, group, now)
    tx.store(GroupStore).end_links(group_id, grid_id, now)
    left = tuple(each for each in group.linked if each != grid_id)
    return _saved(tx, replace(group, linked=left), now)


def _changeable(tx: Transaction, group_id: UUID, expected_version: int, now: datetime) -> Group:
    """The group, held until the transaction ends.

    Raises GroupNotFound, PermissionDenied, Aborted, RecordOver.
    """
    group = tx.store(GroupStore).locked(group_id, now)
    require_staff_on(tx.context, group.grid_path)
    require_version(expected_version, group.version)
    group.require_current(now)
    return group


def _saved(tx: Transaction, group: Group, now: datetime) -> GroupView:
    changed = replace(group, version=group.version + 1)
    tx.store(GroupStore).save(changed, group.version)
    return _view(tx, changed, now)


def _view(tx: Transaction, group: Group, now: datetime) -> GroupView:
    return GroupView(group, groups.chair_rule(group, scheme_in_force(tx, now)))
