"""Every route there is, by section."""

from gateway.routes import (
    accounts,
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
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        auth,
        counties,
        grid,
        personnel,
        accounts,
        patrols,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
