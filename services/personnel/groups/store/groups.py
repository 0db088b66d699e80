"""Groups in PostgreSQL. Rows never leave this file.

A grid's path is read from the local copy of the structure, so a group follows its grid when that
is moved.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, true

from services.personnel.base import STRUCTURE
from services.personnel.common.store import lock
from services.personnel.groups.domain.groups import (
    Group,
    GroupDetails,
    GroupFilter,
    GroupNotFound,
    Kind,
)
from services.personnel.groups.models import GroupGridRow, GroupMemberRow, GroupRow
from services.personnel.posts.domain.posts import Interval, Viewer
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

GRIDS = STRUCTURE.grids
ON_ITS_GRID = same_county(GRIDS, GroupRow, "grid_id")
OF_GROUP = same_county(GroupMemberRow, GroupRow, "group_id")
LINKED = same_county(GroupGridRow, GroupRow, "group_id")
ABOUT = ("name", "chair_rule", "chairs", "office", "quota", "funding", "training_kind")
LISTS = ("duties", "qualities")

GROUPS = SortKey(GroupRow.group_id)


class GroupStore:
    """One county's groups."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._group_grid_table = ScopedTable(tx, GroupGridRow)
        self._group_table = ScopedTable(tx, GroupRow, missing=GroupNotFound)

    def add(self, group: Group) -> None:
        """Record a group."""
        self._group_table.insert(
            {
                "group_id": group.group_id,
                "kind": group.kind.value,
                "grid_id": group.grid_id,
                "valid_from": group.valid.start,
                **_changing(group),
            }
        )

    def find(self, group_id: UUID) -> Group | None:
        """The group, without its links; None where there is none."""
        row = self._connection.execute(self._groups().where(GroupRow.group_id == group_id)).first()
        return None if row is None else _group(row, ())

    def get(self, group_id: UUID, moment: datetime) -> Group:
        """The group with its links of a moment. Raises GroupNotFound."""
        return self._get(self._groups().where(GroupRow.group_id == group_id), group_id, moment)

    def locked(self, group_id: UUID, moment: datetime) -> Group:
        """As ``get``; nobody else changes the group until the transaction ends."""
        query = self._groups().where(GroupRow.group_id == group_id)
        return self._get(query.with_for_update(of=GroupRow), group_id, moment)

    def save(self, group: Group, expected_version: int) -> None:
        """Keep the group. Raises Aborted where it is at another version."""
        self._group_table.save({"group_id": group.group_id, **_changing(group)}, expected_version)

    def lock_tree(self) -> None:
        """Wait until nobody else changes which group belongs under which."""
        lock(self._tx, f"groups {self._county_id}")

    def upward(self, group_id: UUID) -> list[UUID]:
        """The group and all above it."""
        own = self._group_table.own
        start = select(GroupRow.group_id, GroupRow.parent_id).where(
            own, GroupRow.group_id == group_id
        )
        above = start.cte("above", recursive=True)
        step = select(GroupRow.group_id, GroupRow.parent_id).where(
            own, GroupRow.group_id == above.c.parent_id
        )
        return list(self._connection.execute(select(above.union(step).c.group_id)).scalars())

    def count_under(self, group_id: UUID, moment: datetime) -> int:
        """How many groups belong directly under it and last beyond the moment."""
        query = select(func.count()).where(
            self._group_table.own,
            GroupRow.parent_id == group_id,
            GroupRow.valid_to.is_(None) | (GroupRow.valid_to > moment),
        )
        return int(self._connection.execute(query).scalar_one())

    def is_visible(self, group_id: UUID, viewer: Viewer, now: datetime) -> bool:
        """Whether the viewer may read the group."""
        query = self._groups().where(GroupRow.group_id == group_id, visible(viewer, now))
        return self._connection.execute(query).first() is not None

    def page(self, viewer: Viewer, wanted: GroupFilter, asked: PageRequest) -> Page[Group]:
        """Groups that the viewer may read, in the order recorded."""
        query = self._groups().where(holds(GroupRow, wanted.moment), visible(viewer, wanted.moment))
        if wanted.kind is not None:
            query = query.where(GroupRow.kind == wanted.kind.value)
        for name in ("grid_id", "parent_id"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(GroupRow, name) == value)
        if wanted.linked_grid_id is not None:
            link = exists().where(
                LINKED,
                GroupGridRow.grid_id == wanted.linked_grid_id,
                holds(GroupGridRow, wanted.moment),
            )
            query = query.where(link)
        if wanted.person_id is not None:
            seat = exists().where(
                OF_GROUP,
                GroupMemberRow.person_id == wanted.person_id,
                holds(GroupMemberRow, wanted.moment),
            )
            query = query.where(seat)
        page = self._group_table.page(query, GROUPS, asked)
        links = self._links([row.group_id for row in page.items], wanted.moment)
        return page.map(lambda row: _group(row, links.get(row.group_id, ())))

    def add_link(self, group_id: UUID, grid_id: UUID, valid: Interval) -> None:
        """Record that the group works for the grid."""
        self._group_grid_table.insert(
            {
                "group_id": group_id,
                "grid_id": grid_id,
                "valid_from": valid.start,
                "valid_to": valid.end,
            }
        )

    def end_links(self, group_id: UUID, grid_id: UUID | None, at: datetime) -> None:
        """End the group's links, or the one to the grid, as far as they last beyond the moment."""
        of_grid = [] if grid_id is None else [GroupGridRow.grid_id == grid_id]
        self._group_grid_table.update(
            {"valid_to": func.greatest(GroupGridRow.valid_from, at)},
            GroupGridRow.group_id == group_id,
            GroupGridRow.valid_to.is_(None) | (GroupGridRow.valid_to > at),
            *of_grid,
        )

    def _groups(self) -> Select[Any]:
        return (
            select(GroupRow.__table__, GRIDS.c.path)
            .outerjoin(GRIDS, ON_ITS_GRID)
            .where(self._group_table.own)
        )

    def _get(self, query: Select[Any], group_id: UUID, moment: datetime) -> Group:
        row = self._connection.execute(query).first()
        if row is None:
            raise GroupNotFound(group_id=group_id)
        return _group(row, self._links([group_id], moment).get(group_id, ()))

    def _links(self, groups: Iterable[UUID], moment: datetime) -> dict[UUID, tuple[UUID, ...]]:
        query = (
            select(GroupGridRow.group_id, GroupGridRow.grid_id)
            .where(
                self._group_grid_table.own,
                GroupGridRow.group_id.in_(list(groups)),
                holds(GroupGridRow, moment),
            )
            .order_by(GroupGridRow.valid_from, GroupGridRow.grid_id)
        )
        found: dict[UUID, tuple[UUID, ...]] = {}
        for row in self._connection.execute(query):
            found[row.group_id] = (*found.get(row.group_id, ()), row.grid_id)
        return found


def visible(viewer: Viewer, moment: datetime) -> ColumnElement[bool]:
    """Whether the viewer reaches the group's place or a grid it works for, or is a member.

    The members of a department are members through it.
    """
    if "" in viewer.paths:
        return true()
    own = GroupMemberRow.__table__.alias("own_members")
    links = GroupGridRow.__table__.alias("own_links")
    linked, home = GRIDS.alias("linked_grids"), GRIDS.alias("home_grids")
    is_member = exists().where(
        same_county(own, GroupRow, "group_id"),
        or_(
            own.c.person_id == viewer.person_id,
            own.c.department_id.in_(viewer.departments),
        ),
        holds(own.c, moment),
    )
    near = (
        exists().where(
            same_county(home, GroupRow, "grid_id"),
            below(home.c.path, path),
        )
        for path in viewer.paths
    )
    worked_for = (
        exists().where(
            same_county(links, GroupRow, "group_id"),
            same_county(linked, links, "grid_id"),
            below(linked.c.path, path),
            holds(links.c, moment),
        )
        for path in viewer.paths
    )
    return or_(is_member, *near, *worked_for)


def holds(row: Any, moment: datetime) -> ColumnElement[bool]:
    """Whether the row's time includes the moment."""
    held: ColumnElement[bool] = (row.valid_from <= moment) & (
        row.valid_to.is_(None) | (row.valid_to > moment)
    )
    return held


def _changing(group: Group) -> dict[str, Any]:
    about = group.about
    return {
        "parent_id": group.parent_id,
        "valid_to": group.valid.end,
        "version": group.version,
        **{name: getattr(about, name) for name in ABOUT},
        **{name: list(getattr(about, name)) for name in LISTS},
    }


def _group(row: Row[Any], linked: tuple[UUID, ...]) -> Group:
    about: dict[str, Any] = {name: getattr(row, name) for name in ABOUT}
    about |= {name: tuple(getattr(row, name)) for name in LISTS}
    return Group(
        group_id=row.group_id,
        kind=Kind(row.kind),
        about=GroupDetails(**about),
        grid_id=row.grid_id,
        grid_path=row.path,
        parent_id=row.parent_id,
        linked=linked,
        valid=Interval(row.valid_from, row.valid_to),
        version=row.version,
    )
