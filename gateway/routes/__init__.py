"""Every route there is, by section."""

from gateway.routes import (
    accounts,
    assessment,
    auth,
    boards,
    cases,
    changes,
    counties,
    disclosure,
    documents,
    geometry,
    groups,
    ledger,
    notifications,
    personnel,
    pledges,
    public,
    schemes,
    source_files,
    sources,
    staffing,
    trainings,
    tree,
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        auth,
        counties,
        schemes,
        documents,
        tree,
        changes,
        geometry,
        sources,
        source_files,
        personnel,
        accounts,
        staffing,
        groups,
        pledges,
        trainings,
        boards,
        ledger,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
