"""Members of groups in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, exists, func, select

from services.personnel.groups.domain.members import (
    Member,
    MemberFilter,
    MemberNotFound,
    SeatKind,
    Source,
)
from services.personnel.groups.models import GroupGridRow, GroupMemberRow, GroupRow
from services.personnel.groups.store.groups import LINKED, OF_GROUP, holds, visible
from services.personnel.posts.domain.posts import Interval, Viewer
from services.personnel.roster.models import PersonRow
from services.personnel.trainings.store import last_counting_training
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

MEMBER = ("member_id", "group_id", "person_id", "department_id", "body", "title", "version")
CHANGING = ("title", "source", "valid_to", "version")

OLDEST = SortKey(GroupMemberRow.member_id)


class MemberStore:
    """Members of one county's groups."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._group_member_table = ScopedTable(tx, GroupMemberRow, missing=MemberNotFound)

    def add(self, member: Member) -> None:
        """Record a member."""
        self._group_member_table.insert(self._values(member))

    def keep(self, members: Sequence[Member]) -> None:
        """Record new members, and keep title, source and end of those that are there."""
        rows = [self._values(each) for each in members]
        self._group_member_table.upsert(rows, CHANGING)

    def get(self, member_id: UUID) -> Member:
        """One member. Raises MemberNotFound."""
        query = self._members().where(GroupMemberRow.member_id == member_id)
        row = self._connection.execute(query).first()
        if row is None:
            raise MemberNotFound(member_id=member_id)
        return _member(row)

    def save(self, member: Member, expected_version: int) -> None:
        """Keep the member. Raises Aborted where it is at another version."""
        values = self._values(member)
        changing = ("member_id", *CHANGING)
        self._group_member_table.save({name: values[name] for name in changing}, expected_version)

    def all_of(self, group_id: UUID) -> list[Member]:
        """The group's members of all times."""
        query = self._members().where(GroupMemberRow.group_id == group_id)
        return self._read(query.order_by(GroupMemberRow.member_id))

    def of_group(self, group_id: UUID, moment: datetime, day: date) -> list[Member]:
        """The group's members at a moment, its ``day`` in the county, chairs first."""
        order = case(
            {seat.value: place for place, seat in enumerate(SeatKind)}, value=GroupMemberRow.seat
        )
        query = self._trained_members(day).where(
            GroupMemberRow.group_id == group_id, holds(GroupMemberRow, moment)
        )
        return self._read(query.order_by(order, GroupMemberRow.member_id))

    def page(self, viewer: Viewer, wanted: MemberFilter, asked: PageRequest) -> Page[Member]:
        """Members of groups that the viewer may read, in the order recorded."""
        query = self._trained_members(wanted.day).where(
            holds(GroupMemberRow, wanted.moment),
            holds(GroupRow, wanted.moment),
            visible(viewer, wanted.moment),
        )
        if wanted.group_id is not None:
            query = query.where(GroupMemberRow.group_id == wanted.group_id)
        if wanted.seat is not None:
            query = query.where(GroupMemberRow.seat == wanted.seat.value)
        if wanted.source is not None:
            query = query.where(GroupMemberRow.source == wanted.source.value)
        if wanted.grid_id is not None:
            link = exists().where(
                LINKED,
                GroupGridRow.grid_id == wanted.grid_id,
                holds(GroupGridRow, wanted.moment),
            )
            query = query.where((GroupRow.grid_id == wanted.grid_id) | link)
        return self._group_member_table.page(query, OLDEST, asked).map(_trained_member)

    def end_all(self, group_id: UUID, at: datetime) -> None:
        """End the time of the group's members that lasts beyond the moment."""
        self._group_member_table.update(
            {
                "valid_to": func.greatest(GroupMemberRow.valid_from, at),
                "version": GroupMemberRow.version + 1,
            },
            GroupMemberRow.group_id == group_id,
            GroupMemberRow.valid_to.is_(None) | (GroupMemberRow.valid_to > at),
        )

    def _values(self, member: Member) -> dict[str, Any]:
        return {
            "seat": member.seat.value,
            "source": None if member.source is None else member.source.value,
            "valid_from": member.valid.start,
            "valid_to": member.valid.end,
            **{name: getattr(member, name) for name in MEMBER},
        }

    def _members(self) -> Select[Any]:
        return (
            select(GroupMemberRow.__table__, PersonRow.name.label("person_name"))
            .outerjoin(
                PersonRow,
                same_county(PersonRow, GroupMemberRow, "person_id"),
            )
            .where(self._group_member_table.own)
        )

    def _trained_members(self, day: date) -> Select[Any]:
        """Members with the last training that counts on the day for their group."""
        trained_on = last_counting_training(
            self._tx, GroupMemberRow.person_id, GroupRow.training_kind, day
        )
        return self._members().add_columns(trained_on.label("trained_on")).join(GroupRow, OF_GROUP)

    def _read(self, query: Select[Any]) -> list[Member]:
        return [_trained_member(row) for row in self._connection.execute(query)]


def _member(row: Row[Any]) -> Member:
    return Member(
        seat=SeatKind(row.seat),
        source=None if row.source is None else Source(row.source),
        valid=Interval(row.valid_from, row.valid_to),
        person_name=row.person_name or "",
        **{name: getattr(row, name) for name in MEMBER},
    )


def _trained_member(row: Row[Any]) -> Member:
    return replace(_member(row), trained_on=getattr(row, "trained_on", None))
