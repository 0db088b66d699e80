"""Change the keys of personal data: ``python -m services.personnel.rekey``.

Seals anew, under the current key of ``PERSONAL_DATA_KEYS``, every value of every county that is
under another. Repeatable; people may work meanwhile, for what is changed in between stays as it is.
Reads ``WORKER_DATABASE_URL`` too: the worker's login sees all counties, and of people nothing but
what is sealed. ``--new-key ID`` touches no database: it prints the keys with a new current one, to
be put in their place.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, Row, select, tuple_, update

from services.personnel.people.domain.personal_data import SealedField
from services.personnel.people.vault import AesVault, KeyRing, UnreadableSeal
from services.personnel.roster.models import PersonRow
from shared.config import ConfigError, Env
from shared.db.engine import make_engine

BATCH = 500


def rekey(engine: Engine, vault: AesVault) -> int:
    """Seal anew what is not under the current key; returns the number of values.

    Raises UnreadableSeal where a value's key is missing; what was done before stays done.
    """
    return sum(
        _rekey_row(engine, vault, row, field)
        for row in _rows(engine)
        for field in SealedField
        if (sealed := getattr(row, f"{field}_sealed")) is not None and not vault.is_current(sealed)
    )


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run from the command line; 0 when done, 1 with a message on standard error."""
    parser = argparse.ArgumentParser(prog="services.personnel.rekey", description=__doc__)
    parser.add_argument("--new-key", metavar="ID", help="print the keys with a new current one")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.new_key:
            print(_keys(environ).with_new_key(chosen.new_key).dump())
        else:
            print(f"rekey: {_run(environ)} values sealed anew")
    except (ConfigError, UnreadableSeal, ValueError) as error:
        print(f"rekey: {error}", file=sys.stderr)
        return 1
    return 0


def _keys(environ: Mapping[str, str]) -> KeyRing:
    env = Env(environ)
    keys = env.text("PERSONAL_DATA_KEYS")
    env.check()
    return KeyRing.parse(keys)


def _run(environ: Mapping[str, str]) -> int:
    env = Env(environ)
    url = env.text("WORKER_DATABASE_URL")
    env.check()
    vault = AesVault(_keys(environ))
    engine = make_engine(url, pool_size=2, application_name="wangge rekey")
    try:
        return rekey(engine, vault)
    finally:
        engine.dispose()


def _rows(engine: Engine) -> Iterator[Row[Any]]:
    """Everybody who has a sealed value, county by county, a batch at a time."""
    key = (PersonRow.county_id, PersonRow.person_id)
    sealed = [getattr(PersonRow, f"{field}_sealed") for field in SealedField]
    query = select(*key, *sealed).order_by(*key).limit(BATCH)
    after: Row[Any] | None = None
    while True:
        page = query if after is None else query.where(tuple_(*key) > tuple_(*after[:2]))
        with engine.begin() as connection:
            rows = connection.execute(page).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1]


def _rekey_row(engine: Engine, vault: AesVault, row: Row[Any], field: SealedField) -> int:
    column = getattr(PersonRow, f"{field}_sealed")
    sealed = getattr(row, f"{field}_sealed")
    value = vault.open(row.county_id, row.person_id, field, sealed)
    anew = vault.seal(row.county_id, row.person_id, field, value)
    with engine.begin() as connection:
        done = connection.execute(
            update(PersonRow)
            .where(
                PersonRow.county_id == row.county_id,
                PersonRow.person_id == row.person_id,
                column == sealed,
            )
            .values({column: anew})
        )
    return done.rowcount


if __name__ == "__main__":
    sys.exit(main())
