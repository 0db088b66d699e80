"""Entering, changing, verifying and grading pollution sources, and reading their ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.sources.domain import ledger as rules
from services.grid.sources.domain.files import SourceEvent
from services.grid.sources.domain.ledger import (
    Grading,
    Inspection,
    Profile,
    Source,
    SourceExists,
    SourceFilters,
    SourceView,
    Verification,
)
from services.grid.sources.domain.lists import Origin, SourceList, conflicts
from services.grid.sources.store.files import SourceFileStore
from services.grid.sources.store.ledger import SourceStore
from services.grid.sources.store.lists import SourceListStore
from services.grid.sources.store.objects import LedgerObjectStore
from services.grid.sources.usecases.settings import settings_of
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import CONFIGURE, READ, WHOLE_COUNTY
from shared.context import RequestContext
from shared.contracts.grid import SourceGraded, SourceVerified
from shared.db.transaction import Transaction
from shared.errors import (
    InvalidArgument,
    PermissionDenied,
    Text,
    Violation,
    require_version,
)
from shared.paging import Page, PageRequest
from shared.structure.store import GridNotFound

WRITING = ("patrol", CONFIGURE)
VERIFIED, GRADED = "source.verified.v1", "source.graded.v1"
NO_GRID = Text("There is no such grid in this county.", "本县没有该网格。")
NO_RESULT = Text("Say what was found.", "应填写核查结果。")


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source that is to be entered."""

    source_id: UUID
    profile: Profile
    grade: str
    key_object: bool
    off_list: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The source that is to change, the version that the caller saw (0: any), and the moment."""

    source_id: UUID
    expected_version: int
    now: datetime


@dataclass(frozen=True, slots=True)
class History:
    """The verifications and grades of a source, and the lists that name it."""

    inspections: list[Inspection]
    gradings: list[Grading]
    origins: list[tuple[Origin, SourceList, list[str]]]


def create_source(tx: Transaction, new: NewSource, now: datetime) -> SourceView:
    """Enter a source. Raises InvalidArgument, PermissionDenied, GridRetired, SourceExists."""
    settings = settings_of(tx, now)
    faults = rules.profile_faults(new.profile, settings) + rules.grade_faults(new.grade, settings)
    path = grid_path_to_write(tx, new.profile.grid_id, faults, now)
    tx.store(SourceStore).lock()
    if (duplicate := tx.store(SourceStore).duplicate(new.profile)) is not None:
        raise SourceExists(source_id=duplicate)
    source = Source(
        source_id=new.source_id,
        profile=new.profile,
        grade=new.grade,
        key_object=new.key_object,
        off_list=new.off_list,
        created_at=now,
        version=1,
    )
    tx.store(SourceStore).add([source])
    if source.grade or source.key_object:
        tx.store(SourceStore).add_first_gradings([first_grading(source, tx.context.actor_id)])
    tell(tx, source, path)
    return tx.store(SourceStore).get(source.source_id)


def update_source(tx: Transaction, change: Change, given: Mapping[str, Any]) -> SourceView:
    """Change the members of the profile that are given.

    Raises what ``create_source`` does, SourceNotFound, Aborted.
    """
    view = _writable(tx, change)
    profile = replace(view.source.profile, **given)
    after = rules.changed(view.source, profile)
    if after is view.source:
        return view
    faults = rules.profile_faults(profile, settings_of(tx, change.now))
    path = view.grid_path
    if profile.grid_id != view.source.profile.grid_id:
        path = grid_path_to_write(tx, profile.grid_id, faults, change.now)
    elif faults:
        raise InvalidArgument(faults)
    tx.store(SourceStore).lock()
    if (duplicate := tx.store(SourceStore).duplicate(profile, but=change.source_id)) is not None:
        raise SourceExists(source_id=duplicate)
    tx.store(SourceStore).save(after)
    tell(tx, after, path)
    return tx.store(SourceStore).get(change.source_id)


def verify_source(
    tx: Transaction, change: Change, result: Verification | None, note: str
) -> SourceView:
    """Record the result of a verification on site.

    Raises SourceNotFound, InvalidArgument, PermissionDenied, Aborted.
    """
    view = _writable(tx, change)
    if result in (None, Verification.UNVERIFIED):
        raise InvalidArgument([Violation("/result", NO_RESULT)])
    after = rules.verified(view.source, result, change.now)
    tx.store(SourceStore).save(after)
    actor = tx.context.actor_id
    look = {"result": result.value, "note": note, "actor_id": actor, "at": change.now}
    tx.store(SourceStore).add_inspection(change.source_id, look)
    event = SourceVerified(
        source_id=after.source_id,
        grid_id=after.profile.grid_id,
        grid_path=view.grid_path,
        result=result.value,
        actor_id=actor,
        verified_at=change.now,
    )
    event_id = tx.outbox.add(event, subject=after.source_id, sequence=after.version)
    facts = {"result": result.value, "actor_id": str(actor or "")}
    _note(tx, SourceEvent(event_id, after.source_id, VERIFIED, after.source_id, change.now, facts))
    return tx.store(SourceStore).get(change.source_id)


def grade_source(
    tx: Transaction, change: Change, grade: str, *, key_object: bool, reason: str
) -> SourceView:
    """Give a grade and a reason.

    Raises SourceNotFound, InvalidArgument, PermissionDenied, Aborted.
    """
    view = _writable(tx, change)
    faults = rules.grade_faults(grade, settings_of(tx, change.now))
    if not reason.strip():
        faults.append(Violation("/reason", rules.REQUIRED))
    if faults:
        raise InvalidArgument(faults)
    after = rules.graded(view.source, grade, key_object=key_object)
    tx.store(SourceStore).save(after)
    actor = tx.context.actor_id
    tx.store(SourceStore).add_grading(
        change.source_id,
        {
            "grade": grade,
            "key_object": key_object,
            "reason": reason,
            "actor_id": actor,
            "at": change.now,
        },
    )
    event = SourceGraded(
        source_id=after.source_id,
        grid_id=after.profile.grid_id,
        grid_path=view.grid_path,
        grade=grade or None,
        key_object=key_object,
        actor_id=actor,
        graded_at=change.now,
    )
    event_id = tx.outbox.add(event, subject=after.source_id, sequence=after.version)
    facts = {"grade": grade, "key_object": key_object, "actor_id": str(actor or "")}
    _note(tx, SourceEvent(event_id, after.source_id, GRADED, after.source_id, change.now, facts))
    return tx.store(SourceStore).get(change.source_id)


def get_source(tx: Transaction, source_id: UUID) -> SourceView:
    """Return one source. Raises SourceNotFound, PermissionDenied."""
    view = tx.store(SourceStore).get(source_id)
    require_read(tx.context, view.grid_path)
    return view


def list_sources(
    tx: Transaction,
    grid_id: UUID | None,
    filters: SourceFilters,
    asked: PageRequest,
) -> Page[SourceView]:
    """List the sources that the caller may read, or those of one grid's subtree."""
    return tx.store(SourceStore).page(scopes_of(tx, grid_id), filters, asked)


def get_history(tx: Transaction, source_id: UUID, now: datetime) -> History:
    """Return a source's verifications and grades, and the lists that name it with their conflicts."""
    view = get_source(tx, source_id)
    origins = tx.store(SourceStore).origins(source_id)
    lists = tx.store(SourceListStore).some({origin.list_id for origin in origins})
    settings = settings_of(tx, now)
    places = (view.grid_code, view.grid_name)
    profile = view.source.profile
    return History(
        tx.store(SourceStore).inspections(source_id),
        tx.store(SourceStore).gradings(source_id),
        [
            (origin, lists[origin.list_id], conflicts(origin, profile, places, settings))
            for origin in origins
        ],
    )


def rehome(tx: Transaction, from_grid: UUID, to_grid: UUID) -> int:
    """Move every source of a grid that ends to the grid that takes its place; return how many.

    What the ledger holds beside sources moves too. This does not check permissions: the change of
    the grids has done so.
    """
    moved = tx.store(SourceStore).rehome(from_grid, to_grid)
    tx.store(LedgerObjectStore).rehome(from_grid, to_grid)
    for view in moved:
        tell(tx, view.source, view.grid_path)
    return len(moved)


def tell(tx: Transaction, source: Source, path: str) -> None:
    """Publish the present state of a source."""
    tx.outbox.add(rules.recorded(source, path), subject=source.source_id, sequence=source.version)


def first_grading(source: Source, actor_id: UUID | None) -> Grading:
    """Return the first entry in the history of a source's grades."""
    return Grading(
        source.source_id, 1, source.grade, source.key_object, "", actor_id, source.created_at
    )


def may_write(context: RequestContext, path: str) -> bool:
    """Whether the caller may write about sources in the grid at a path."""
    return any(context.may_grid(capability, path) for capability in WRITING)


def require_write(context: RequestContext, path: str) -> None:
    """Raise PermissionDenied unless the caller may write about sources in the grid at a path."""
    if not may_write(context, path):
        raise PermissionDenied(capability=WRITING[0])


def require_read(context: RequestContext, path: str) -> None:
    """Raise PermissionDenied unless the caller may read the ledger at a path.

    Departments share the ledger: a caller who reads in one department reads the whole county's, as
    do callers with a role at the city.
    """
    if not (context.roles or context.department_scopes(READ)):
        context.require_grid(READ, path)


def scopes_of(tx: Transaction, grid_id: UUID | None) -> tuple[str, ...]:
    """Return the subtree of the given grid, or all subtrees that the caller may read."""
    if grid_id is not None:
        path = tx.store(GridStore).get(grid_id).path
        require_read(tx.context, path)
        return (path,)
    if tx.context.roles or tx.context.department_scopes(READ):
        return WHOLE_COUNTY
    return tx.context.grid_scopes(READ)


def path_of(tx: Transaction, grid_id: UUID | None) -> str:
    """Return the path of a grid, or the county's if none is given.

    Raises GridNotFound, PermissionDenied.
    """
    path = "" if grid_id is None else tx.store(GridStore).get(grid_id).path
    require_read(tx.context, path)
    return path


def _note(tx: Transaction, event: SourceEvent) -> None:
    """Keep the event in the source's file and the ledger of supervision."""
    tx.store(SourceFileStore).add_events([event])


def _writable(tx: Transaction, change: Change) -> SourceView:
    view = tx.store(SourceStore).get(change.source_id)
    require_write(tx.context, view.grid_path)
    require_version(change.expected_version, view.source.version)
    return view


def grid_path_to_write(
    tx: Transaction, grid_id: UUID, faults: list[Violation], now: datetime
) -> str:
    """Return the path of a grid to write in.

    Raises InvalidArgument with the given faults and its own, PermissionDenied, GridRetired.
    """
    try:
        grid = tx.store(GridStore).get(grid_id)
    except GridNotFound:
        faults.append(Violation("/grid_id", NO_GRID))
        raise InvalidArgument(faults) from None
    require_write(tx.context, grid.path)
    if faults:
        raise InvalidArgument(faults)
    if grid.valid_to is not None and grid.valid_to <= now:
        raise rules.GridRetired(grid_id=grid_id)
    return grid.path
