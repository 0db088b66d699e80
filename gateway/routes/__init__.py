"""Every route there is, by section."""

from gateway.routes import (
    accounts,
    assessment,
    auth,
    boards,
    cases,
    counties,
    grid,
    grid_changes,
    groups,
    inbox,
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
        assessment,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
