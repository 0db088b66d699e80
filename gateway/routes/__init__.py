"""Every route there is, by section."""

from gateway.routes import (
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
    pledges,
    public,
    trainings,
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        auth,
        counties,
        grid,
        personnel,
        groups,
        pledges,
        trainings,
        patrols,
        cases,
        notifications,
        disclosure,
        assessment,
        public,
    )
)
ROUTES = tuple(route for section in SECTIONS for route in section.routes)
