"""Importing the lists of sources that departments supply, and counting how far they were verified."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.grid.city.store.counties import CountyStore
from services.grid.sources.domain import lists as rules
from services.grid.sources.domain.ledger import (
    LINE,
    REQUIRED,
    TOO_LONG,
    Profile,
    Source,
    known_faults,
    name_key,
)
from services.grid.sources.domain.lists import Entry, ListExists, Origin, SourceList
from services.grid.sources.domain.settings import SourceSettings
from services.grid.sources.domain.totals import part_of
from services.grid.sources.store.ledger import SourceStore
from services.grid.sources.store.lists import SourceListStore
from services.grid.sources.usecases.ledger import first_grading, may_write, path_of, tell
from services.grid.sources.usecases.settings import settings_of
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import CONFIGURE
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, PermissionDenied, Text, Violation
from shared.paging import Page, PageRequest
from shared.rows import Outcome, RowFault

NOT_YET = Text("The day lies ahead.", "日期不得晚于今日。")

Row = tuple[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ListShare:
    """How many sources of a list lie in a part of a grid, verified and not."""

    path: str
    grid_id: UUID
    grid_name: str
    own: bool
    verified: int
    unverified: int


@dataclass(slots=True)
class _Ledger:
    """The ledger's sources that rows of a list may mean."""

    by_code: dict[str, UUID] = field(default_factory=dict)
    by_name: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    before: dict[UUID, Source] = field(default_factory=dict)
    paths: dict[UUID, str] = field(default_factory=dict)

    def know(self, source: Source, path: str) -> None:
        profile = source.profile
        if profile.credit_code:
            self.by_code[profile.credit_code] = source.source_id
        self.by_name.setdefault((profile.grid_id, name_key(profile.name)), source.source_id)
        self.before[source.source_id] = source
        self.paths[source.source_id] = path

    def match(self, profile: Profile) -> UUID | None:
        """Find a source by credit code, else by name and grid unless both have a code."""
        if profile.credit_code in self.by_code:
            return self.by_code[profile.credit_code]
        named = self.by_name.get((profile.grid_id, name_key(profile.name)))
        if named is None or not profile.credit_code:
            return named
        return None if self.before[named].profile.credit_code else named


def create_list(
    tx: Transaction,
    list_id: UUID,
    *,
    department_id: str,
    title: str,
    received_on: date | None,
    now: datetime,
) -> SourceList:
    """Record a list. Raises InvalidArgument, PermissionDenied, ListExists."""
    departments = settings_of(tx, now).departments or {department_id: department_id}
    faults = known_faults("/department_id", department_id, departments, required=True)
    if not title.strip():
        faults.append(Violation("/title", REQUIRED))
    elif len(title) > LINE:
        faults.append(Violation("/title", TOO_LONG))
    if received_on is None:
        faults.append(Violation("/received_on", REQUIRED))
    elif received_on > now.astimezone(ZoneInfo(tx.store(CountyStore).get().time_zone)).date():
        faults.append(Violation("/received_on", NOT_YET))
    if faults or received_on is None:
        raise InvalidArgument(faults)
    made = SourceList(
        list_id=list_id,
        department_id=department_id,
        title=title,
        received_on=received_on,
        created_at=now,
    )
    if not tx.store(SourceListStore).add(made):
        raise ListExists(list_id=tx.store(SourceListStore).like(department_id, title, received_on))
    return made


def list_lists(tx: Transaction, department_id: str, asked: PageRequest) -> Page[SourceList]:
    """List the lists, newest first. Every reader may see their titles."""
    return tx.store(SourceListStore).page(department_id, asked)


def import_sources(
    tx: Transaction,
    list_id: UUID,
    rows: Sequence[Row],
    *,
    dry_run: bool,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Outcome:
    """Import the rows of a list. With any fault, or in a dry run, nothing is written.

    Raises ListNotFound, and PermissionDenied if the caller configures no grid.
    """
    if not tx.context.grid_scopes(CONFIGURE):
        raise PermissionDenied(capability=CONFIGURE)
    supplied = tx.store(SourceListStore).get(list_id)
    settings = settings_of(tx, now)
    outcome = Outcome()
    grids = _grids_of(tx, rows)
    entries = _read(tx, rows, grids, settings, outcome)
    tx.store(SourceStore).lock()
    ledger = _ledger(tx, entries)
    matched = _match(tx, entries, ledger, outcome, new_id)
    if outcome.faults:
        outcome.faults.sort(key=lambda fault: fault.row)
        return outcome
    made, changed, origins = _merge(tx, supplied, matched, ledger, entries=entries, now=now)
    new = {source.source_id for source in made}
    touched = {source.source_id for source in changed} | {each.source_id for each in origins}
    outcome.created = len(made)
    outcome.updated = len(touched - new)
    outcome.unchanged = len(entries) - outcome.created - outcome.updated
    if not dry_run:
        paths = {grid_id: path for grid_id, path in grids.values() if grid_id}
        _write(tx, made, changed, origins, {**ledger.paths, **_paths_of(made, paths)})
    return outcome


def progress(tx: Transaction, list_id: UUID, grid_id: UUID | None) -> list[ListShare]:
    """Return how far a list was verified: a grid's own share, and each child's with all below it."""
    path = path_of(tx, grid_id)
    tx.store(SourceListStore).get(list_id)
    counts: dict[str, Counter[bool]] = {}
    for at, done, number in tx.store(SourceListStore).progress(list_id, path):
        counts.setdefault(part_of(at, path), Counter())[done] += number
    named = tx.store(GridStore).names_at(counts)
    order = sorted(counts, key=lambda part: [int(node) for node in part.split(".") if node])
    return [
        ListShare(part, *named[part], part == path, counts[part][True], counts[part][False])
        for part in order
    ]


def _grids_of(tx: Transaction, rows: Sequence[Row]) -> dict[int, tuple[UUID | None, str]]:
    """Find each row's grid and path, by code or else by a name that only one grid has."""
    codes = {cells["grid_code"] for _, cells in rows if cells.get("grid_code")}
    names = {cells["grid_name"] for _, cells in rows if cells.get("grid_name")}
    coded = tx.store(GridStore).in_force(codes) if codes else {}
    named = tx.store(GridStore).named(names) if names else {}
    found: dict[int, tuple[UUID | None, str]] = {}
    for number, cells in rows:
        found[number] = (None, "")
        if code := cells.get("grid_code"):
            if code in coded:
                found[number] = (coded[code].grid_id, coded[code].path)
        elif len(alike := named.get(cells.get("grid_name", ""), [])) == 1:
            found[number] = alike[0]
    return found


def _read(
    tx: Transaction,
    rows: Sequence[Row],
    grids: Mapping[int, tuple[UUID | None, str]],
    settings: SourceSettings,
    outcome: Outcome,
) -> list[Entry]:
    entries = []
    for number, cells in rows:
        grid_id, path = grids[number]
        entry, faults = rules.read_row(number, cells, grid_id, settings)
        if grid_id and not tx.context.may_grid(CONFIGURE, path):
            faults.append(Violation("/grid_code", rules.OUT_OF_REACH))
        outcome.faults += [RowFault(number, each.pointer[1:], each.detail) for each in faults]
        if entry is not None:
            entries.append(entry)
    return entries


def _ledger(tx: Transaction, entries: Sequence[Entry]) -> _Ledger:
    codes = {entry.profile.credit_code for entry in entries if entry.profile.credit_code}
    names = {(entry.profile.grid_id, name_key(entry.profile.name)) for entry in entries}
    ledger = _Ledger()
    for source, path in tx.store(SourceStore).known(codes, names):
        ledger.know(source, path)
    return ledger


def _match(
    tx: Transaction,
    entries: Sequence[Entry],
    ledger: _Ledger,
    outcome: Outcome,
    new_id: Callable[[], UUID],
) -> dict[int, UUID]:
    """Find the source that each row means. Two rows that mean the same source are a fault."""
    matched: dict[int, UUID] = {}
    seen: dict[object, int] = {}
    for entry in entries:
        known = ledger.match(entry.profile)
        asked, left = _traces(entry.profile, known)
        if first := next((seen[trace] for trace in asked if trace in seen), None):
            outcome.faults.append(RowFault(entry.row, "", rules.TWICE.format(row=first)))
        elif known and not may_write(tx.context, ledger.paths[known]):
            outcome.faults.append(RowFault(entry.row, "", rules.OUT_OF_REACH))
        for trace in left:
            seen.setdefault(trace, entry.row)
        matched[entry.row] = known or new_id()
    return matched


def _traces(profile: Profile, known: UUID | None) -> tuple[list[object], list[object]]:
    """Return the keys that would mark an earlier row as the same source, and those for later rows.

    Two sources of one name in one grid are distinct only if each has its own credit code.
    """
    name = (profile.grid_id, name_key(profile.name))
    both = [trace for trace in (known, profile.credit_code) if trace]
    if profile.credit_code:
        return [*both, ("without code", name)], [*both, ("any", name)]
    return [*both, ("any", name)], [*both, ("any", name), ("without code", name)]


def _merge(
    tx: Transaction,
    supplied: SourceList,
    matched: Mapping[int, UUID],
    ledger: _Ledger,
    *,
    entries: Sequence[Entry],
    now: datetime,
) -> tuple[list[Source], list[Source], list[Origin]]:
    """Return new sources, changed sources, and what the list newly says."""
    said_before = tx.store(SourceListStore).origins(supplied.list_id)
    made, changed, origins = [], [], []
    for entry in entries:
        source_id = matched[entry.row]
        before = ledger.before.get(source_id)
        if before is None:
            made.append(_new(source_id, entry, now))
        elif (after := _gained(before, entry)) is not before:
            changed.append(after)
        old = said_before.get(source_id)
        if old is None or old.said != entry.said:
            origins.append(
                Origin(
                    source_id,
                    supplied.list_id,
                    supplied.department_id,
                    entry.row,
                    entry.said,
                    now,
                )
            )
    return made, changed, origins


def _new(source_id: UUID, entry: Entry, now: datetime) -> Source:
    return Source(
        source_id=source_id, profile=entry.profile, grade=entry.grade, created_at=now, version=1
    )


def _gained(before: Source, entry: Entry) -> Source:
    """Return the source with what it lacks taken from the row, except for a grade."""
    profile = rules.filled(before.profile, entry.profile)
    if profile == before.profile:
        return before
    return replace(before, profile=profile, version=before.version + 1)


def _paths_of(made: Sequence[Source], paths: Mapping[UUID, str]) -> dict[UUID, str]:
    return {source.source_id: paths[source.profile.grid_id] for source in made}


def _write(
    tx: Transaction,
    made: Sequence[Source],
    changed: Sequence[Source],
    origins: Sequence[Origin],
    paths: Mapping[UUID, str],
) -> None:
    tx.store(SourceStore).add(made)
    tx.store(SourceStore).save_all(changed)
    actor = tx.context.actor_id
    tx.store(SourceStore).add_first_gradings(
        [first_grading(each, actor) for each in made if each.grade]
    )
    tx.store(SourceListStore).keep(origins)
    for source in (*made, *changed):
        tell(tx, source, paths[source.source_id])
