"""Plain psycopg connections from SQLAlchemy URLs."""

from typing import Any

import psycopg
from sqlalchemy.engine import URL


def connect(url: URL, **options: Any) -> psycopg.Connection:
    """Connect where the URL says; the parts are handed over apart, so any password will do."""
    parts = url.translate_connect_args(username="user", database="dbname")
    return psycopg.connect(**{**url.query, **parts, "connect_timeout": 10, **options})
