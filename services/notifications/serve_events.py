"""The events process: ``python -m services.notifications.serve_events``."""

import shared.eventing.patch  # noqa: F401 - before anything else
from services.notifications.handlers import NotificationEvents
from shared.eventing.process import run

if __name__ == "__main__":
    run(NotificationEvents)
