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
    public,
    staffing,
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        auth,
        counties,
        grid,
        personnel,
        staffing,
        patrols,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
