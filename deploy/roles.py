"""Databases and roles: one database a service, an owner that cannot log in, and two that can.

`wangge_<service>_owner` owns the tables; `wangge_<service>` reads and writes them under row-level
security; `wangge_<service>_worker` sees only what a migration grants it by name.
"""

from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from deploy.connections import connect
from deploy.secret_files import database_name, owner_role

_OLDEST_SERVER: Final = 150_000  # from 15 on only a database's owner creates in schema public


class RolesError(Exception):
    """The server or a role on it is not fit for use; the text says why."""


def admin_connection(admin: URL, database: str | None = None) -> psycopg.Connection:
    """Connect as the administrator, each statement a transaction of its own."""
    return connect(admin.set(database=database or admin.database), autocommit=True)


def check_server(connection: psycopg.Connection) -> None:
    """Refuse a server too old for the rights we rely on."""
    if connection.info.server_version < _OLDEST_SERVER:
        found = connection.info.parameter_status("server_version")
        message = f"PostgreSQL 15 or later is needed; the server is {found}."
        raise RolesError(message)


def ensure_service(
    connection: psycopg.Connection, admin: URL, service: str, passwords: dict[str, str]
) -> None:
    """Bring one service's roles, database and rights to what they must be; repeatable."""
    owner = owner_role(service)
    _ensure_role(connection, owner)
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
    members = (f"wangge_{service}", f"wangge_{service}_worker")
    for role in members:
        _ensure_role(connection, role)
        _allow_login(connection, role, passwords[role])
    _ensure_database(connection, database_name(service), owner)
    _grant_connect(connection, database_name(service), members)
    with admin_connection(admin, database_name(service)) as inside:
        _grant_inside(inside, owner, *members)


def _ensure_role(connection: psycopg.Connection, role: str) -> None:
    found = connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)
    ).fetchone()
    if found is None:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    elif found[0]:
        message = f"Role {role} is a superuser or bypasses row-level security: take that from it."
        raise RolesError(message)


def _allow_login(connection: psycopg.Connection, role: str, password: str) -> None:
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(password)
        )
    )


def _ensure_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    if found is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(owner)
            )
        )


def _grant_connect(connection: psycopg.Connection, name: str, members: tuple[str, ...]) -> None:
    database = sql.Identifier(name)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in members:
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role))
        )


def _grant_inside(connection: psycopg.Connection, owner: str, app: str, worker: str) -> None:
    """Give both the schema, and the application role the rows of every table still to come."""
    names: dict[str, sql.Composable] = {
        "owner": sql.Identifier(owner),
        "app": sql.Identifier(app),
        "worker": sql.Identifier(worker),
        "rows": sql.SQL("SELECT, INSERT, UPDATE, DELETE"),
    }
    for statement in (
        "SET ROLE {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}, {worker}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rows} ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    ):
        connection.execute(sql.SQL(statement).format(**names))
