"""Setting groups up, putting people in them, and reading them as they were at any moment."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.common.grids import NOT_IN_FORCE, UNKNOWN_GRID, is_in_force
from services.personnel.common.scheme import local_day, scheme_in_force
from services.personnel.groups import domain as groups
from services.personnel.groups.domain import (
    UNKNOWN_PERSON,
    About,
    ChairRule,
    Group,
    GroupCycle,
    GroupFilter,
    GroupHasGroups,
    Member,
    MemberFilter,
)
from services.personnel.posts.domain.posts import READ, Interval, Viewer
from services.personnel.posts.permissions import require_staff_on
from services.personnel.record_ports import RecordsTransaction
from shared.errors import Aborted, InvalidArgument, PermissionDenied, Violation
from shared.structure.store import Grid


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as it is read: with who chairs it by the rule of today."""

    group: Group
    rule: ChairRule


def create_group(tx: RecordsTransaction, new: Group, now: datetime) -> Shown:
    """Set a group up.

    Raises InvalidArgument naming what is at fault, PermissionDenied where the caller's staff
    capability does not reach the place.
    """
    group = new
    if new.grid_id is not None:
        group = replace(new, grid_path=_grid_in_force(tx, new.grid_id, now).path)
    require_staff_on(tx.context, group.grid_path)
    made = groups.make_group(group, scheme_in_force(tx, now))
    if made.parent_id is not None:
        groups.check_parent(made, tx.groups.find(made.parent_id), now)
    tx.groups.add(made)
    return _shown(tx, made, now)


def describe_group(
    tx: RecordsTransaction, group_id: UUID, about: About, expected_version: int, now: datetime
) -> Shown:
    """Describe a group anew. Raises InvalidArgument, and what every change of a group raises."""
    group = _changeable(tx, group_id, expected_version, now)
    tidy = groups.described(about, group.kind, scheme_in_force(tx, now))
    return _saved(tx, replace(group, about=tidy), now)


def move_group(
    tx: RecordsTransaction,
    group_id: UUID,
    parent_id: UUID | None,
    expected_version: int,
    now: datetime,
) -> Shown:
    """Put a group under another one, or under none.

    Raises GroupCycle, InvalidArgument, and what every change of a group raises.
    """
    tx.groups.serialise_tree()
    group = _changeable(tx, group_id, expected_version, now)
    if parent_id is not None:
        groups.check_parent(group, tx.groups.find(parent_id), now)
        if group_id in tx.groups.upward(parent_id):
            raise GroupCycle(parent_id=parent_id)
    return _saved(tx, replace(group, parent_id=parent_id), now)


def end_group(
    tx: RecordsTransaction,
    group_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> Shown:
    """Dissolve a group; whatever time of members and links is left ends with it.

    Raises GroupHasGroups, InvalidArgument, and what every change of a group raises.
    """
    tx.groups.serialise_tree()
    group = _changeable(tx, group_id, expected_version, now)
    end = at or now
    if count := tx.groups.count_under(group_id, end):
        raise GroupHasGroups(count=count)
    ended = replace(group, valid=groups.cut(group.valid, end, now))
    tx.groups.end_members(group_id, end)
    tx.groups.end_links(group_id, None, end)
    return _saved(tx, ended, now)


def get_group(
    tx: RecordsTransaction, group_id: UUID, moment: datetime | None, now: datetime
) -> tuple[Shown, list[Member]]:
    """One group with its members at a moment. Raises GroupNotFound, PermissionDenied."""
    group = tx.groups.get(group_id, moment or now)
    if not tx.groups.is_visible(group_id, Viewer.of(tx.context, READ), now):
        raise PermissionDenied(capability=READ)
    at = moment or now
    return _shown(tx, group, now), tx.groups.members_of(group_id, at, local_day(tx, at))


def list_groups(
    tx: RecordsTransaction, wanted: GroupFilter, after: UUID | None, limit: int, now: datetime
) -> list[Shown]:
    """Groups that the caller may read, in the order recorded."""
    scheme = scheme_in_force(tx, now)
    found = tx.groups.page(Viewer.of(tx.context, READ), wanted, after, limit)
    return [Shown(group, groups.chair_rule(group, scheme)) for group in found]


def add_member(tx: RecordsTransaction, new: Member, now: datetime) -> Member:
    """Take a member in.

    Raises InvalidArgument, GroupNotFound, PermissionDenied, RecordOver, MemberTwice, SeatTaken,
    ChairsTaken.
    """
    group = _changeable(tx, new.group_id, 0, now)
    scheme = scheme_in_force(tx, now)
    member = groups.make_member(new, group, scheme)
    if member.person_id is not None:
        name = tx.roster.names([member.person_id]).get(member.person_id)
        if name is None:
            raise InvalidArgument([Violation("/person_id", UNKNOWN_PERSON)])
        member = replace(member, person_name=name)
    allowed = groups.chair_rule(group, scheme).allowed
    groups.check_seat(member, tx.groups.all_members(group.group_id), allowed)
    tx.groups.add_member(member)
    return member


def end_member(
    tx: RecordsTransaction,
    member_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> Member:
    """Give a member's time its end. Raises MemberNotFound, Aborted, PermissionDenied, RecordOver."""
    member = tx.groups.get_member(member_id)
    group = tx.groups.locked(member.group_id, now)
    require_staff_on(tx.context, group.grid_path)
    if expected_version and expected_version != member.version:
        raise Aborted(expected=expected_version, actual=member.version)
    valid = groups.cut(member.valid, at or now, now)
    ended = replace(member, valid=valid, version=member.version + 1)
    tx.groups.save_member(ended, member.version)
    return ended


def list_members(
    tx: RecordsTransaction, wanted: MemberFilter, after: UUID | None, limit: int
) -> list[Member]:
    """Members of groups that the caller may read, in the order recorded."""
    return tx.groups.members(Viewer.of(tx.context, READ), wanted, after, limit)


def link_grid(
    tx: RecordsTransaction, group_id: UUID, grid_id: UUID, expected_version: int, now: datetime
) -> Shown:
    """Let a group work for a grid beside its own; the same again changes nothing.

    Raises InvalidArgument for a grid that is not in force, PermissionDenied where the staff
    capability does not reach it, and what every change of a group raises.
    """
    group = _changeable(tx, group_id, expected_version, now)
    grid = _grid_in_force(tx, grid_id, now)
    require_staff_on(tx.context, grid.path)
    if grid_id in group.linked:
        return _shown(tx, group, now)
    tx.groups.add_link(group_id, grid_id, Interval(now, None))
    return _saved(tx, replace(group, linked=(*group.linked, grid_id)), now)


def unlink_grid(
    tx: RecordsTransaction, group_id: UUID, grid_id: UUID, expected_version: int, now: datetime
) -> Shown:
    """End a group's work for a grid; where it has none, nothing changes."""
    group = _changeable(tx, group_id, expected_version, now)
    if grid_id not in group.linked:
        return _shown(tx, group, now)
    tx.groups.end_links(group_id, grid_id, now)
    left = tuple(each for each in group.linked if each != grid_id)
    return _saved(tx, replace(group, linked=left), now)


def _changeable(
    tx: RecordsTransaction, group_id: UUID, expected_version: int, now: datetime
) -> Group:
    """The group, held until the transaction ends.

    Raises GroupNotFound, PermissionDenied, Aborted, RecordOver.
    """
    group = tx.groups.locked(group_id, now)
    require_staff_on(tx.context, group.grid_path)
    if expected_version and expected_version != group.version:
        raise Aborted(expected=expected_version, actual=group.version)
    group.require_current(now)
    return group


def _saved(tx: RecordsTransaction, group: Group, now: datetime) -> Shown:
    changed = replace(group, version=group.version + 1)
    tx.groups.save(changed, group.version)
    return _shown(tx, changed, now)


def _shown(tx: RecordsTransaction, group: Group, now: datetime) -> Shown:
    return Shown(group, groups.chair_rule(group, scheme_in_force(tx, now)))


def _grid_in_force(tx: RecordsTransaction, grid_id: UUID, now: datetime) -> Grid:
    grid = tx.structure.find_grid(grid_id)
    if grid is None or not is_in_force(grid, now):
        detail = UNKNOWN_GRID if grid is None else NOT_IN_FORCE
        raise InvalidArgument([Violation("/grid_id", detail)])
    return grid
