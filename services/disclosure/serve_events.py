"""The events process: ``python -m services.disclosure.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.disclosure.handlers import DisclosureEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(DisclosureEvents)
