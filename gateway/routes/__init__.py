"""Every route there is, by section."""

from gateway.routes import (
    accounts,
    auth,
    boards,
    cases,
    changes,
    counties,
    documents,
    geometry,
    groups,
    inbox,
    indicators,
    ledger,
    personnel,
    pledges,
    public,
    register,
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
        inbox,
        register,
        indicators,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
