"""Makes this process cooperative. An events process imports it before anything else.

Without the variable psycopg waits for its socket outside of eventlet's sight, and one slow query
stops every handler of the process.
"""

import os
import warnings

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"
# The deprecation is known (ADR 2), and its plain text would disturb a log of JSON lines.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()
