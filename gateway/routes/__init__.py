"""Every route there is, by section."""

from gateway.routes import (
    accounts,
    assessment,
    auth,
    boards,
    cases,
    counties,
    disclosure,
    grid,
    grid_changes,
    groups,
    ledger,
    notifications,
    personnel,
    places,
    pledges,
    public,
    rules,
    schemes,
    source_files,
    sources,
    staffing,
    trainings,
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        auth,
        counties,
        schemes,
        rules,
        grid,
        grid_changes,
        places,
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
