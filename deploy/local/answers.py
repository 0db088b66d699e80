"""Whether a server answers and lets us in."""

from typing import Any, Final

import kombu
import psycopg
from kombu.exceptions import OperationalError
from sqlalchemy.engine import make_url

_SECONDS: Final = 5


def database_answers(url: str) -> bool:
    """Tell whether a login with this SQLAlchemy URL succeeds."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        psycopg.connect(plain, connect_timeout=_SECONDS).close()
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
