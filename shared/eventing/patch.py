"""Makes this process cooperative. An events process imports it before anything else.

Without the variable psycopg waits for its socket outside of eventlet's sight, and one slow query
stops every handler of the process.
"""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"

import eventlet

eventlet.monkey_patch()
