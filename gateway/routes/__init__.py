"""Every route there is, by section."""

from gateway.routes import (
    assessment,
    auth,
    cases,
    counties,
    disclosure,
    grid,
    notifications,
    patrols,
    personnel,
    places,
    public,
    rules,
    schemes,
    staffing,
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        auth,
        counties,
        grid,
        places,
        personnel,
        staffing,
        patrols,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
        schemes,
        rules,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
