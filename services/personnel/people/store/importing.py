"""What a file of people is checked against, read for all rows at once. Rows never leave this file."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.personnel.accounts.domain.accounts import Account, username_key
from services.personnel.accounts.models import AccountRow
from services.personnel.base import STRUCTURE
from services.personnel.common.store import lock
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction

GRIDS = STRUCTURE.grids


class ImportStore:
    """One county's usernames and grids, and many new accounts at once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._account_table = ScopedTable(tx, AccountRow)
        self._grid_table = ScopedTable(tx, GRIDS)

    def lock(self) -> None:
        """Wait until no other import into the county is under way.

        People who are known by phone and name alone could be recorded twice otherwise.
        """
        lock(self._tx, f"import {self._county_id}")

    def holders(self, usernames: Collection[str]) -> dict[str, UUID]:
        """Username (in the form of comparison) → who has it, of those that are in use."""
        rows = self._connection.execute(
            select(AccountRow.username_key, AccountRow.person_id).where(
                self._account_table.own, AccountRow.username_key.in_(usernames)
            )
        )
        return {row.username_key: row.person_id for row in rows}

    def grids(self, codes: Collection[str], now: datetime) -> dict[str, list[UUID]]:
        """Division code → the grids in force that have it."""
        rows = self._connection.execute(
            select(GRIDS.c.admin_code, GRIDS.c.grid_id).where(
                self._grid_table.own,
                GRIDS.c.admin_code.in_(codes),
                GRIDS.c.valid_from <= now,
                GRIDS.c.valid_to.is_(None) | (GRIDS.c.valid_to > now),
            )
        )
        found: dict[str, list[UUID]] = {}
        for row in rows:
            found.setdefault(row.admin_code, []).append(row.grid_id)
        return found

    def add_accounts(self, accounts: Collection[Account]) -> None:
        """Record new accounts; IntegrityError (USERNAME_TAKEN) where one was first."""
        if not accounts:
            return
        self._account_table.insert_many(
            [
                {
                    "account_id": account.account_id,
                    "person_id": account.person_id,
                    "username": account.username,
                    "username_key": username_key(account.username),
                    "password_hash": account.password_hash,
                    "roles": sorted(account.roles),
                    "created_at": account.created_at,
                    "must_change": account.must_change,
                    "disabled_at": account.disabled_at,
                }
                for account in accounts
            ]
        )
