"""Every route there is, by section."""

from gateway.routes import (
    accounts,
    assessment,
    auth,
    cases,
    counties,
    disclosure,
    grid,
    groups,
    notifications,
    patrols,
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
        grid,
        places,
        personnel,
        groups,
        pledges,
        trainings,
        staffing,
        accounts,
        patrols,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
        schemes,
        rules,
        sources,
        source_files,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
