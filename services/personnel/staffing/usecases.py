"""Who answers for a grid, now and before, uncovered posts, and the staffing check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.absences.domain import Leave, cover_of
from services.personnel.absences.store import LeaveStore
from services.personnel.common.usecases import scheme_in_force, scheme_then
from services.personnel.posts.domain.posts import READ, Interval, Post, Viewer
from services.personnel.posts.domain.vacancies import Vacancy, roles_of
from services.personnel.posts.store.posts import PostStore
from services.personnel.posts.store.vacancies import VacancyStore
from services.personnel.posts.usecases.vacancies import requirements_now
from services.personnel.roster.store import RosterStore
from services.personnel.staffing import domain as rules
from services.personnel.staffing.domain import (
    Answering,
    Finding,
    Gap,
    Part,
    Responsibility,
    UncoveredPost,
    VacantPost,
    gaps_of,
)
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest, page_of
from shared.structure.store import Grid, Structure


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything on record of who answered for a grid."""

    grid: Grid
    posts: tuple[tuple[Post, str], ...]
    leaves: tuple[Leave, ...]
    vacancies: tuple[Vacancy, ...]


def check_staffing(
    tx: Transaction, moment: datetime, asked: PageRequest
) -> tuple[rules.Check, Page[Finding]]:
    """Compare who is posted with each rule of the scheme; the findings by pages.

    Raises InvalidArgument at /page_token for what is no token of this list.
    """
    after = asked.after(str, str, str)
    check = _check(tx, moment)
    left = [each for each in check.findings if after is None or each.sort_key > after]
    return check, page_of(left, asked, lambda finding: finding.sort_key)


def _check(tx: Transaction, moment: datetime) -> rules.Check:
    """Compare who is posted with each rule of the scheme, as far as the caller may read.

    Head counts are of the whole county, so only those who may read all of it get them.
    """
    scheme = scheme_then(tx, moment)
    may = tx.context
    units = [unit for unit in tx.store(VacancyStore).units(moment) if may.may_grid(READ, unit.path)]
    holders = tx.store(VacancyStore).holders(moment)
    wanted = [
        each
        for each in requirements_now(tx, scheme, units)
        if each.place.grid_id is not None
        or (each.place.department_id and may.may_department(READ, each.place.department_id))
        or may.may_county(READ)
    ]
    roles = roles_of(scheme)
    tallies, findings = rules.check(roles, wanted, holders, units)
    kinds = {role.id: role.kind for role in roles}
    bodies = {
        level["id"]: level.get("responsible_body") or ""
        for level in scheme.document.get("levels") or ()
    }
    findings += rules.unnamed(units, holders, kinds, bodies)
    totals = []
    if may.may_county(READ):
        people = tx.store(VacancyStore).people_by_role(moment)
        stated = (scheme.document.get("staffing") or {}).get("totals") or ()
        totals = [rules.total_of(entry, people) for entry in stated]
    ordered = sorted(findings, key=lambda finding: finding.sort_key)
    return rules.Check(tuple(tallies), tuple(totals), tuple(ordered))


def archive_of(tx: Transaction, grid_id: UUID) -> Archive:
    """The division of responsibility of a grid, now and before.

    Raises GridNotFound, PermissionDenied.
    """
    grid = tx.store(Structure).grid(grid_id)
    tx.context.require_grid(READ, grid.path)
    posts = tx.store(PostStore).of_grid(grid_id)
    leaves = tx.store(LeaveStore).of_posts({post.post_id for post, _ in posts})
    return Archive(
        grid, tuple(posts), tuple(leaves), tuple(tx.store(VacancyStore).of_grid(grid_id))
    )


def list_gaps(
    tx: Transaction, moment: datetime, grid_id: UUID | None, asked: PageRequest
) -> Page[VacantPost | UncoveredPost]:
    """Vacancies at a moment that the caller may read, then posts that nobody covers.

    Raises InvalidArgument at /page_token for what is no token of this list.
    """
    part, after = asked.after(Part, UUID) or (Part.VACANT, None)
    viewer, limit = Viewer.of(tx.context, READ), asked.size + 1
    found: list[VacantPost | UncoveredPost] = []
    if part is Part.VACANT:
        vacant = tx.store(VacancyStore).page(viewer, moment, grid_id, after, limit)
        found += [VacantPost(vacancy, name) for vacancy, name in vacant]
        after = None
    if left := limit - len(found):
        uncovered = tx.store(LeaveStore).uncovered(viewer, moment, grid_id, after, left)
        found += [UncoveredPost(post, name, away) for post, name, away in uncovered]
    return page_of(found, asked, lambda gap: gap.sort_key)


def find_responsible(tx: Transaction, grid_id: UUID, moment: datetime) -> Responsibility:
    """Who answers for the grid at a moment, and which roles nobody answers for.

    The nearest grid comes first, and on a grid its leader before those who do the work.

    It goes by the tree of that moment. Raises GridNotFound, PermissionDenied where the caller may
    not read the grid.
    """
    grid = tx.store(Structure).grid(grid_id)
    tx.context.require_grid(READ, grid.path)
    grids = tx.store(Structure).upward_at(grid_id, moment)
    found = tx.store(PostStore).answering_for([above.grid_id for above in grids], moment)
    nearness: dict[UUID | None, int] = {above.grid_id: steps for steps, above in enumerate(grids)}
    names: dict[UUID | None, str] = {above.grid_id: above.name for above in grids}
    answering = _with_covers(tx, found, names, moment)
    answering.sort(key=lambda each: (nearness[each.post.place.grid_id], each.rank))
    return Responsibility(tuple(answering), tuple(_gaps(tx, grids, answering, moment)))


def _with_covers(
    tx: Transaction,
    found: list[tuple[Post, str]],
    grid_names: Mapping[UUID | None, str],
    moment: datetime,
) -> list[Answering]:
    away = tx.store(LeaveStore).away([post for post, _ in found], moment)
    covers = {post.post_id: cover_of(post.post_id, post.person_id, away) for post, _ in found}
    stand_ins = {cover.stand_in_id for cover in covers.values() if cover and cover.stand_in_id}
    names = tx.store(RosterStore).names(stand_ins) if stand_ins else {}
    answering = []
    for post, name in found:
        cover = covers[post.post_id]
        stand_in = names.get(cover.stand_in_id, "") if cover and cover.stand_in_id else ""
        where = grid_names.get(post.place.grid_id, "")
        answering.append(Answering(post, name, where, cover, stand_in))
    return answering


def _gaps(
    tx: Transaction, grids: list[Grid], answering: list[Answering], moment: datetime
) -> list[Gap]:
    """Gaps by the scheme of the moment's day, nearest grid first; none while it is not known."""
    scheme = scheme_in_force(tx, moment)
    if scheme is None:
        return []
    standing = [grid for grid in grids if Interval(grid.valid_from, grid.valid_to).holds_at(moment)]
    wanted = [
        each for each in requirements_now(tx, scheme, standing) if each.place.grid_id is not None
    ]
    gaps = gaps_of(wanted, answering)
    began = {}
    if any(gap.post is None for gap in gaps):
        began = tx.store(VacancyStore).began({grid.grid_id for grid in standing}, moment)
    names: dict[UUID | None, str] = {grid.grid_id: grid.name for grid in standing}
    gaps = [
        replace(
            gap,
            grid_name=names.get(gap.requirement.place.grid_id, ""),
            since=began.get(gap.requirement.key) if gap.post is None else None,
        )
        for gap in gaps
    ]
    return sorted(gaps, key=lambda gap: -len(gap.requirement.place.grid_path or ""))
