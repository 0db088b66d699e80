"""Reading published versions, and what one says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.schemes.document import features
from services.grid.schemes.document.differences import Difference, differences
from services.grid.schemes.document.features import Feature
from services.grid.schemes.domain import progress
from services.grid.schemes.domain.progress import Progress
from services.grid.schemes.domain.versions import SchemeEntry, SchemeNotInForce, SchemeVersion
from services.grid.schemes.store.drafts import DraftStore
from services.grid.schemes.store.versions import SchemeStore
from services.grid.schemes.usecases.publishing import publish_next, today
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import require_configure
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation, require_version
from shared.paging import Page, PageRequest
from shared.structure.scheme import InTownship, in_township, township_of

DIFFERENCES_SHOWN = 1000
CODE = re.compile(r"\d{6}(\d{3}){0,2}", re.ASCII)
NO_CODE = Text(
    "Give a division code of 6, 9 or 12 digits.", "应为 6、9 或 12 位数字的行政区划代码。"
)
CODE_OR_GRID = Text("Give either admin_code or grid_id.", "应填写 admin_code 或 grid_id 之一。")


@dataclass(frozen=True, slots=True)
class Effective:
    """A version as it holds at a place; the code is the township's, None for no place in one."""

    version: SchemeVersion
    admin_code: str | None
    scheme: InTownship


def list_versions(tx: Transaction, asked: PageRequest) -> Page[SchemeEntry]:
    """Published versions, the newest first."""
    return tx.store(SchemeStore).page(asked)


def compare(tx: Transaction, earlier: int, later: int) -> tuple[list[Difference], int]:
    """Where two versions differ, and how many differences beyond the first 1000 there are."""
    one, other = tx.store(SchemeStore).get(earlier), tx.store(SchemeStore).get(later)
    found = differences(one.document, other.document)
    shown = list(islice(found, DIFFERENCES_SHOWN))
    return shown, sum(1 for _ in found)


def effective(
    tx: Transaction, day: date | None, admin_code: str, grid_id: UUID | None, now: datetime
) -> Effective:
    """The scheme as it holds at a division code, or at a grid.

    Raises InvalidArgument, GridNotFound, SchemeNotInForce.
    """
    if (bool(admin_code) + (grid_id is not None)) != 1:
        raise InvalidArgument([Violation("/admin_code", CODE_OR_GRID)])
    if admin_code and not CODE.fullmatch(admin_code):
        raise InvalidArgument([Violation("/admin_code", NO_CODE)])
    version = get_scheme(tx, day, now)
    code: str | None = admin_code or None
    if grid_id is not None:
        code = tx.store(GridStore).nearest_code(tx.store(GridStore).get(grid_id).path)
    return Effective(version, township_of(code), in_township(version.document, code))


def status(tx: Transaction, now: datetime) -> tuple[Progress, int]:
    """How far the scheme is, and the version of its draft, 0 without one."""
    day = today(tx.store(CountyStore).get(), now)
    try:
        in_force: SchemeVersion | None = tx.store(SchemeStore).on(day)
    except SchemeNotInForce:
        in_force = None
    found = progress.progress(in_force, tx.store(SchemeStore).after(day), day)
    draft = tx.store(DraftStore).find()
    return found, draft.version if draft else 0


def list_features(tx: Transaction, day: date | None, now: datetime) -> tuple[list[Feature], int]:
    """What can be switched and what is on, with the version that says so."""
    version = get_scheme(tx, day, now)
    return features.features(version.document), version.version


def switch_feature(
    tx: Transaction, wanted: Feature, expected_version: int, now: datetime
) -> SchemeVersion:
    """Publish a version, in force from today, that differs from the newest in one switch.

    Raises PermissionDenied, InvalidArgument, CountyUnknown, Aborted, FeatureAsWanted, InvalidScheme.
    """
    require_configure(tx.context)
    features.check(wanted)
    county = tx.store(CountyStore).get()
    tx.store(CountyStore).lock()
    newest = tx.store(SchemeStore).newest()
    require_version(expected_version, newest.version)
    document: Mapping[str, Any] = features.switched(newest.document, newest.version, wanted)
    return publish_next(tx, county, document, None, now)
