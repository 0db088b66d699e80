"""What an events process reads and the process table agree."""

import pytest

from deploy.processes import PROCESSES, Process
from shared.config import ConfigError
from shared.eventing.process import Config
from tests.unit.deploy.asking import Unset

EVENTS = [process for process in PROCESSES if process.name.endswith("-events")]


@pytest.mark.parametrize("process", EVENTS, ids=lambda process: process.name)
def test_an_events_process_reads_what_the_table_says(process: Process) -> None:
    unset = Unset()

    with pytest.raises(ConfigError, match="METRICS_PORT is not set"):
        Config.from_env(unset)

    assert unset.asked == {*process.required, *process.optional}
