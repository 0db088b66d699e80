"""The probe's events process, as every service has one."""

import shared.eventing.patch  # noqa: F401 - before anything else
from shared.eventing.process import run
from tests.integration.eventing.probe.handlers import ProbeEvents

if __name__ == "__main__":
    run(ProbeEvents)
