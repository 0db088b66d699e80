"""A worker ends with the process that started it, however that one ended."""

import multiprocessing
import os
import signal
import threading
import time

GRACE_SECONDS = 20
"""What a worker gets for the requests at hand before it is ended for good."""


def end_with_parent() -> None:
    """Watch the parent from a thread of its own; without a parent (in a test) do nothing."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()  # returns once the parent is gone, killed or not
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
