"""Every route there is, by section."""

from gateway.routes import (
    assessment,
    auth,
    boards,
    cases,
    counties,
    disclosure,
    grid,
    grid_changes,
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
        grid_changes,
        personnel,
        boards,
        patrols,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
