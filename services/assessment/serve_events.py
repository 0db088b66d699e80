"""The events process: ``python -m services.assessment.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.assessment.handlers import AssessmentEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(AssessmentEvents)
