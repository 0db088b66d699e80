"""Identities with outside issuers in PostgreSQL. Rows never leave this file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.personnel.accounts.domain.accounts import Identity, LinkedIdentity
from services.personnel.accounts.models import IdentityRow
from services.personnel.identity.domain import SKEW, IdToken
from services.personnel.identity.models import UsedIdTokenRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction

IDENTITY_LINKED = "pk_identities"
ACCOUNT_LINKED = "uq_identities_county_id_account_id_issuer"


class IdentityStore:
    """One county's identities, and the issuers' tokens that were used."""

    def __init__(self, tx: Transaction) -> None:
        self._county_id = tx.county_id
        self._connection = tx.connection
        self._identity_table = ScopedTable(tx, IdentityRow)
        self._used_id_token_table = ScopedTable(tx, UsedIdTokenRow)

    def account_of(self, identity: Identity) -> UUID | None:
        """The account that the identity opens, or None."""
        return self._connection.execute(
            select(IdentityRow.account_id).where(
                self._identity_table.own,
                IdentityRow.issuer == identity.issuer,
                IdentityRow.subject == identity.subject,
            )
        ).scalar()

    def add(self, linked: LinkedIdentity) -> None:
        """Link; IntegrityError (IDENTITY_LINKED, ACCOUNT_LINKED) where a link was first."""
        self._identity_table.insert(
            {
                "issuer": linked.identity.issuer,
                "subject": linked.identity.subject,
                "account_id": linked.account_id,
                "linked_at": linked.linked_at,
            }
        )

    def remove(self, account_id: UUID, issuer: str) -> bool:
        """Unlink the account from the issuer; False where it was not linked."""
        removed = self._identity_table.delete(
            IdentityRow.account_id == account_id, IdentityRow.issuer == issuer
        )
        return bool(removed)

    def use(self, token: IdToken, now: datetime) -> bool:
        """Remember that the token was used, until it expires; False where it was used before."""
        self._used_id_token_table.delete(UsedIdTokenRow.expires_at < now - SKEW)
        used = {"token_hash": token.use, "expires_at": token.expires_at}
        return bool(self._used_id_token_table.insert_new([used]))
