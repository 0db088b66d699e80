"""Connections to a service's database."""

import orjson
from sqlalchemy import Engine, create_engine, exc
from sqlalchemy.engine import make_url

CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_MS = 30_000
OUTAGE_STATES = ("08", "53", "57P")
"""First characters of the SQLSTATEs of a server that is gone, full, or being shut down."""


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def make_engine(
    url: str, *, pool_size: int, application_name: str, pre_ping: bool = True
) -> Engine:
    """An engine over psycopg 3 with a pool of ``pool_size`` and no overflow.

    Connections are tested when they are handed out, so that a restarted database costs one
    reconnection and not an error; without ``pre_ping`` that is left to the unit of work, whose
    first statement finds out as well. The URL must name the driver: ``postgresql+psycopg://``.
    """
    if make_url(url).drivername != "postgresql+psycopg":
        raise ValueError("the database URL must start with postgresql+psycopg://")
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=pre_ping,
        pool_recycle=1800,
        hide_parameters=True,  # an error in the log names the statement, never a person
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        # Without it an INSERT reports -1, and code that asks whether ON CONFLICT let a row in is misled.
        execution_options={"preserve_rowcount": True},
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": application_name,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
        },
    )


def is_outage(error: BaseException) -> bool:
    """Whether the database is away, so that the same work will succeed once it is back."""
    if isinstance(error, exc.TimeoutError):  # no connection of the pool came free
        return True
    if not isinstance(error, exc.OperationalError | exc.InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(OUTAGE_STATES)
