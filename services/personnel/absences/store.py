"""Leave and stand-ins in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, or_, select, true, union
from sqlalchemy.orm import aliased

from services.personnel.absences.domain import Away, Leave, LeaveKind, LeaveNotFound, StandIn
from services.personnel.absences.models import LeaveRow, StandInRow
from services.personnel.common.store import lock
from services.personnel.posts.domain.posts import Interval, Post, Viewer
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.posts import (
    GRIDS,
    in_force,
    post_of,
    posts_with_paths,
    within_reach,
)
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

OF_ITS_LEAVE = same_county(StandInRow, LeaveRow, "leave_id")

OLDEST = SortKey(LeaveRow.leave_id)


class LeaveStore:
    """One county's leave."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._leave_table = ScopedTable(tx, LeaveRow, missing=LeaveNotFound)
        self._post_table = ScopedTable(tx, PostRow)
        self._stand_in_table = ScopedTable(tx, StandInRow)

    def lock(self) -> None:
        """Wait until nobody else records leave in the county, and keep others waiting."""
        lock(self._tx, f"leave {self._county_id}")

    def add(self, leave: Leave) -> None:
        """Record a leave with its stand-ins."""
        self._leave_table.insert(
            {
                "leave_id": leave.leave_id,
                "person_id": leave.person_id,
                "kind": leave.kind.value,
                "valid_from": leave.valid.start,
                "valid_to": leave.valid.end,
                "created_at": leave.created_at,
                "version": leave.version,
            }
        )
        rows = [
            {
                "leave_id": leave.leave_id,
                "post_id": each.post_id,
                "stand_in_id": each.stand_in_id,
            }
            for each in leave.stand_ins
        ]
        if rows:
            self._stand_in_table.insert_many(rows)

    def save(self, leave: Leave, expected_version: int) -> None:
        """Keep the leave's end. Raises Aborted where it is at another version."""
        changes = {"valid_to": leave.valid.end, "version": leave.version}
        self._leave_table.save({"leave_id": leave.leave_id, **changes}, expected_version)

    def get(self, leave_id: UUID) -> Leave:
        """One leave. Raises LeaveNotFound."""
        found = self._leaves(self._select().where(LeaveRow.leave_id == leave_id))
        if not found:
            raise LeaveNotFound(leave_id=leave_id)
        return found[0]

    def page(
        self,
        viewer: Viewer,
        *,
        person_id: UUID | None,
        moment: datetime | None,
        asked: PageRequest,
    ) -> Page[Leave]:
        """Leave of those whom the viewer reaches, and the viewer's own; in force at a moment."""
        query = self._select().where(self._reached_by(viewer))
        if person_id is not None:
            query = query.where(LeaveRow.person_id == person_id)
        if moment is not None:
            query = query.where(_running(moment))
        return self._leave_table.page(query, OLDEST, asked).map_all(self._with_stand_ins)

    def meeting(self, people: Collection[UUID], within: Interval) -> list[Leave]:
        """Leave of the people that meets the interval, without its stand-ins."""
        rows = self._connection.execute(
            self._select().where(
                LeaveRow.person_id.in_(people),
                LeaveRow.valid_to > within.start,
                LeaveRow.valid_from < within.end,
                LeaveRow.valid_to > LeaveRow.valid_from,
            )
        )
        return [_leave(row, ()) for row in rows]

    def posts_within(self, person_id: UUID, within: Interval) -> list[Post]:
        """The person's posts in the interval, and those that the person stands in for in it."""
        stands_in = exists().where(
            same_county(StandInRow, PostRow, "post_id"),
            StandInRow.stand_in_id == person_id,
            OF_ITS_LEAVE,
            LeaveRow.valid_to > within.start,
            LeaveRow.valid_from < within.end,
            LeaveRow.valid_to > LeaveRow.valid_from,
        )
        query = posts_with_paths(self._tx).where(
            or_(PostRow.person_id == person_id, stands_in),
            PostRow.valid_from < within.end,
            or_(PostRow.valid_to.is_(None), PostRow.valid_to > within.start),
            PostRow.valid_to.is_distinct_from(PostRow.valid_from),
        )
        rows = self._connection.execute(query.order_by(PostRow.post_id))
        return [post_of(row) for row in rows]

    def posts_given_to(self, person_id: UUID, moment: datetime) -> list[Post]:
        """Posts in force that a leave running at the moment gives to the person."""
        given = exists().where(
            same_county(StandInRow, PostRow, "post_id"),
            StandInRow.stand_in_id == person_id,
            OF_ITS_LEAVE,
            _running(moment),
        )
        query = posts_with_paths(self._tx).where(in_force(moment), given)
        return [post_of(row) for row in self._connection.execute(query.order_by(PostRow.post_id))]

    def away(self, posts: Iterable[Post], moment: datetime) -> dict[UUID, Away]:
        """Who is away at the moment, of the posts' holders and of all who stand in for them."""
        posts = list(posts)
        if not posts:
            return {}
        wanted = [post.post_id for post in posts]
        columns = (
            LeaveRow.person_id,
            LeaveRow.valid_to,
            StandInRow.post_id,
            StandInRow.stand_in_id,
        )
        running = self._leave_table.own & _running(moment)
        holders = (
            select(*columns)
            .outerjoin(StandInRow, OF_ITS_LEAVE & StandInRow.post_id.in_(wanted))
            .where(running, LeaveRow.person_id.in_({post.person_id for post in posts}))
        )
        handed_on = (
            select(*columns)
            .join(StandInRow, OF_ITS_LEAVE)
            .where(running, self._stand_in_table.own, StandInRow.post_id.in_(wanted))
        )
        found: dict[UUID, Away] = {}
        for person_id, until, post_id, stand_in_id in self._connection.execute(
            union(holders, handed_on)
        ):
            absent = found.setdefault(person_id, Away(person_id, until, {}))
            found[person_id] = Away(
                person_id, absent.until, {**absent.stand_ins, post_id: stand_in_id}
            )
        return found

    def of_posts(self, posts: Collection[UUID]) -> list[Leave]:
        """Every leave that had one of the posts stood in for, oldest first."""
        named = exists().where(
            self._stand_in_table.own,
            OF_ITS_LEAVE,
            StandInRow.post_id.in_(posts),
        )
        return self._leaves(self._select().where(named).order_by(LeaveRow.leave_id))

    def uncovered(
        self,
        viewer: Viewer,
        moment: datetime,
        grid_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> list[tuple[Post, str, Interval]]:
        """Posts whose holder is away with nobody standing in: grid's name, time of the absence."""
        gaps = self._gaps(moment).subquery()
        query = (
            posts_with_paths(self._tx)
            .add_columns(
                GRIDS.c.name.label("grid_name"),
                gaps.c.valid_from.label("away_from"),
                gaps.c.valid_to.label("away_to"),
            )
            .join(gaps, gaps.c.post_id == PostRow.post_id)
            .where(in_force(moment), within_reach(viewer))
        )
        if grid_id is not None:
            query = query.where(PostRow.grid_id == grid_id)
        if after is not None:
            query = query.where(PostRow.post_id > after)
        rows = self._connection.execute(query.order_by(PostRow.post_id).limit(limit))
        return [
            (post_of(row), row.grid_name or "", Interval(row.away_from, row.away_to))
            for row in rows
        ]

    def _gaps(self, moment: datetime) -> Any:
        """Posts of those away without a stand-in, and those whose stand-in left nobody in turn."""
        running = self._leave_table.own & _running(moment)
        time = (LeaveRow.valid_from, LeaveRow.valid_to)
        covered = exists().where(
            OF_ITS_LEAVE,
            StandInRow.post_id == PostRow.post_id,
            StandInRow.stand_in_id.is_not(None),
        )
        holders = (
            select(PostRow.post_id, *time)
            .join(
                PostRow,
                same_county(PostRow, LeaveRow, "person_id"),
            )
            .where(running, ~covered)
        )
        theirs = aliased(LeaveRow)
        holder_away = exists().where(
            same_county(theirs, PostRow, "person_id"),
            theirs.valid_from <= moment,
            theirs.valid_to > moment,
        )
        handed_on = (
            select(StandInRow.post_id, *time)
            .join(StandInRow, OF_ITS_LEAVE)
            .join(
                PostRow,
                same_county(PostRow, StandInRow, "post_id"),
            )
            .where(running, StandInRow.stand_in_id.is_(None), holder_away)
        )
        return union(holders, handed_on)

    def _select(self) -> Any:
        return self._leave_table.select()

    def _reached_by(self, viewer: Viewer) -> Any:
        if "" in viewer.paths:
            return true()
        theirs = exists().where(
            self._post_table.own,
            PostRow.person_id == LeaveRow.person_id,
            within_reach(viewer),
        )
        return or_(LeaveRow.person_id == viewer.person_id, theirs)

    def _leaves(self, query: Any) -> list[Leave]:
        return self._with_stand_ins(self._connection.execute(query).all())

    def _with_stand_ins(self, rows: Sequence[Row[Any]]) -> list[Leave]:
        if not rows:
            return []
        stand_ins: dict[UUID, list[StandIn]] = {}
        for leave_id, post_id, stand_in_id in self._connection.execute(
            select(StandInRow.leave_id, StandInRow.post_id, StandInRow.stand_in_id)
            .where(
                self._stand_in_table.own,
                StandInRow.leave_id.in_([row.leave_id for row in rows]),
            )
            .order_by(StandInRow.post_id)
        ):
            stand_ins.setdefault(leave_id, []).append(StandIn(post_id, stand_in_id))
        return [_leave(row, tuple(stand_ins.get(row.leave_id, ()))) for row in rows]


def _running(moment: datetime) -> Any:
    return (LeaveRow.valid_from <= moment) & (LeaveRow.valid_to > moment)


def _leave(row: Row[Any], stand_ins: tuple[StandIn, ...]) -> Leave:
    return Leave(
        leave_id=row.leave_id,
        person_id=row.person_id,
        kind=LeaveKind(row.kind),
        valid=Interval(row.valid_from, row.valid_to),
        created_at=row.created_at,
        version=row.version,
        stand_ins=stand_ins,
    )
