"""Row-level security as migrations write it: a transaction sees the rows of its own county only."""

from typing import Any

COUNTY = "NULLIF(current_setting('app.county', true), '')"
"""The transaction's county; NULL, which matches nothing, where none was set."""


def enable(op: Any, table: str) -> None:
    """Bind ``table`` (it has a ``county_id``) to the transaction's county, its owner included."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_county ON {table} "
        f"USING (county_id = {COUNTY}) WITH CHECK (county_id = {COUNTY})"
    )


def open_to_worker(op: Any, table: str, service: str, privileges: str) -> None:
    """Let the service's worker role (relay, timers) reach ``table`` across counties.

    ``privileges`` is the list of a GRANT, such as ``"SELECT, UPDATE (published_at)"``. The
    application role gains nothing by it.
    """
    role = f"wangge_{service}_worker"
    op.execute(f"GRANT {privileges} ON {table} TO {role}")
    op.execute(f"CREATE POLICY {table}_worker ON {table} TO {role} USING (true) WITH CHECK (true)")
