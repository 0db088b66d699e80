"""The events process: ``python -m services.patrols.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.patrols.handlers import PatrolEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(PatrolEvents)
