"""The events process: ``python -m services.personnel.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.personnel.handlers import PersonnelEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(PersonnelEvents)
