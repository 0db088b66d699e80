"""Whether a server answers and lets us in."""

from typing import Any, Final

import kombu
import psycopg
from kombu.exceptions import OperationalError
from sqlalchemy.engine import make_url

from deploy.connections import connect

_SECONDS: Final = 5


def database_answers(url: str) -> bool:
    """Tell whether a login with this SQLAlchemy URL succeeds."""
    try:
        connect(make_url(url), connect_timeout=_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def broker_answers(url: str) -> bool:
    """Tell whether a login with this AMQP URL succeeds."""
    make_connection: Any = kombu.Connection  # which carries no types
    connection = make_connection(url, connect_timeout=_SECONDS)
    try:
        connection.connect()
    except (OSError, OperationalError):
        return False
    finally:
        connection.release()
    return True
