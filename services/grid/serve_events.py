"""The events process: ``python -m services.grid.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.grid.handlers import GridEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(GridEvents)
