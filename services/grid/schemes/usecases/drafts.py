"""Working on the next version of a county's scheme."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.grid.city.domain import County
from services.grid.city.store.counties import CountyStore
from services.grid.schemes import document as scheme
from services.grid.schemes.document import Problem, copying, in_county
from services.grid.schemes.document.copying import Copied
from services.grid.schemes.document.impact import FIRST_GRIDS, Impact, impact
from services.grid.schemes.domain import drafts
from services.grid.schemes.domain.drafts import Draft, DraftNotFound, DraftOutdated
from services.grid.schemes.domain.published import PublishedEntry
from services.grid.schemes.domain.versions import SchemeVersion
from services.grid.schemes.store.drafts import DraftStore
from services.grid.schemes.store.published import PublishedSchemeStore
from services.grid.schemes.store.versions import SchemeStore
from services.grid.schemes.usecases.publishing import (
    faults_of,
    publish_next,
    violations,
)
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import require_configure
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation, require_version
from shared.paging import Page, PageRequest

ONE_OF_TWO = Text(
    "Give either the whole document or a merge_patch.", "应填写完整文档或 merge_patch 之一。"
)


@dataclass(frozen=True, slots=True)
class Saving:
    """What a caller saves: the whole document, or a merge patch. 0 and None mean not given."""

    document: Mapping[str, Any] | None
    merge_patch: Mapping[str, Any] | None
    based_on: int
    expected_version: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing would change, against which version, and grids on levels that go."""

    against: int
    impact: Impact
    first_grids: Mapping[str, list[str]]


def get_draft(tx: Transaction) -> Draft:
    """The draft. Raises PermissionDenied, DraftNotFound."""
    require_configure(tx.context)
    return _draft(tx)


def save_draft(tx: Transaction, asked: Saving, now: datetime) -> Draft:
    """Save the draft, with whatever faults it has. Of two concurrent calls the second sees the first's draft.

    Raises PermissionDenied, InvalidArgument for what cannot be kept at all, Aborted, CountyUnknown.
    """
    require_configure(tx.context)
    if (asked.document is None) == (asked.merge_patch is None):
        raise InvalidArgument([Violation("/document", ONE_OF_TWO)])
    _, draft, newest = _locked(tx)
    require_version(asked.expected_version, tx.store(DraftStore).last_version())
    if asked.document is not None:
        _check_storable(asked.document, "/document")
        document = asked.document
    else:
        patch = asked.merge_patch or {}
        _check_storable(patch, "/merge_patch")
        document = scheme.merge(draft.document if draft else newest.document, patch)
    return _save(tx, document, drafts.base_of(asked.based_on, draft, newest), now)


def discard_draft(tx: Transaction, expected_version: int) -> int:
    """Throw the draft away and return its version.

    Raises PermissionDenied, DraftNotFound, Aborted.
    """
    require_configure(tx.context)
    tx.store(CountyStore).lock()
    version = _draft(tx).version
    require_version(expected_version, version)
    tx.store(DraftStore).discard()
    return version


def validate_draft(tx: Transaction) -> tuple[Draft, list[Problem], list[Problem]]:
    """The draft with everything that keeps it from being published, and what is worth a look.

    Raises PermissionDenied, DraftNotFound.
    """
    require_configure(tx.context)
    draft = _draft(tx)
    faults = faults_of(tx, tx.store(CountyStore).get(), draft.document)
    return (
        draft,
        faults,
        in_county.warnings(draft.document, tx.store(GridStore).count_by_unit_type()),
    )


def preview_draft(tx: Transaction) -> Preview:
    """What publishing the draft would change.

    Raises PermissionDenied, DraftNotFound, InvalidScheme where the draft has faults of its own.
    """
    require_configure(tx.context)
    draft, newest = _draft(tx), tx.store(SchemeStore).newest()
    found = impact(
        newest.document, scheme.normalise(draft.document), tx.store(GridStore).count_by_unit_type()
    )
    gone = [each.level_id for each in found.levels if each.change == "removed"]
    names = tx.store(GridStore).first_names(gone, FIRST_GRIDS) if gone else {}
    return Preview(newest.version, found, names)


def publish_draft(
    tx: Transaction, effective_on: date | None, expected_version: int, now: datetime
) -> SchemeVersion:
    """Publish the draft as the next version; it is a draft no longer. Of two concurrent calls one succeeds.

    Raises PermissionDenied, CountyUnknown, DraftNotFound, Aborted, DraftOutdated, InvalidArgument,
    InvalidScheme.
    """
    require_configure(tx.context)
    county, draft, newest = _locked(tx)
    if draft is None:
        raise DraftNotFound
    require_version(expected_version, draft.version)
    if draft.based_on != newest.version:
        raise DraftOutdated(based_on=draft.based_on, newest=newest.version)
    version = publish_next(tx, county, draft.document, effective_on, now)
    tx.store(DraftStore).discard()
    return version


def copy_scheme(
    tx: Transaction, from_county_id: str, version: int, expected_version: int, now: datetime
) -> tuple[Draft, int, Copied]:
    """Make a published scheme of another county the draft, without what names places there.

    Raises PermissionDenied, PublishedSchemeUnknown, CountyUnknown, Aborted.
    """
    require_configure(tx.context)
    published = tx.store(PublishedSchemeStore).get(from_county_id, version)
    county, _, newest = _locked(tx)
    require_version(expected_version, tx.store(DraftStore).last_version())
    copied = copying.copy(
        published.document, county.admin_code, published.county_name, published.admin_code
    )
    return _save(tx, copied.document, newest.version, now), published.version, copied


def list_published(
    tx: Transaction, from_county_id: str, asked: PageRequest
) -> Page[PublishedEntry]:
    """Schemes of all counties that can be copied."""
    require_configure(tx.context)
    return tx.store(PublishedSchemeStore).page(from_county_id, asked)


def _locked(tx: Transaction) -> tuple[County, Draft | None, SchemeVersion]:
    """The county with its draft and newest version, kept from others until the transaction ends."""
    county = tx.store(CountyStore).get()
    tx.store(CountyStore).lock()
    return county, tx.store(DraftStore).find(), tx.store(SchemeStore).newest()


def _draft(tx: Transaction) -> Draft:
    draft = tx.store(DraftStore).find()
    if draft is None:
        raise DraftNotFound
    return draft


def _save(tx: Transaction, document: Mapping[str, Any], based_on: int, now: datetime) -> Draft:
    version = tx.store(DraftStore).last_version() + 1
    draft = Draft(version, based_on, document, tx.context.actor_id, now)
    tx.store(DraftStore).save(draft)
    return draft


def _check_storable(document: Mapping[str, Any], at: str) -> None:
    if problems := list(scheme.storage_problems(document)):
        raise InvalidArgument(violations(problems, at))
