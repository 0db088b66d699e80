"""The events process: ``python -m services.cases.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.cases.handlers import CaseEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(CaseEvents)
