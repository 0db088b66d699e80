"""Loaded by `-p tests.patched` before anything else: what an events process does first."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"

import eventlet

eventlet.monkey_patch()
