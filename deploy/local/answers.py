"""Whether a server answers and lets us in."""

import time
from collections.abc import Callable
from typing import Any, Final

import kombu
import psycopg
from kombu.exceptions import OperationalError
from sqlalchemy.engine import make_url

from deploy.connections import connect

_SECONDS: Final = 5
_POLL_SECONDS: Final = 0.2


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


def comes_to_answer(
    answers: Callable[[str], bool],
    url: str,
    *,
    seconds: float,
    alive: Callable[[], bool] = lambda: True,
) -> bool:
    """Ask until the server answers; False once it is not alive any more or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive():
        if answers(url):
            return True
        time.sleep(_POLL_SECONDS)
    return False
