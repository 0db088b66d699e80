"""Every route there is, by section."""

from gateway.routes import (
    accounts,
    auth,
    boards,
    cases,
    counties,
    grid,
    grid_changes,
    groups,
    inbox,
    indicators,
    ledger,
    personnel,
    places,
    pledges,
    public,
    register,
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
        inbox,
        register,
        indicators,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
