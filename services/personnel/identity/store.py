"""Identities with outside issuers in PostgreSQL. Rows never leave this file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.personnel.accounts.domain.accounts import Identity, LinkedIdentity
from services.personnel.accounts.models import IdentityRow
from services.personnel.identity.domain import SKEW, IdToken
from services.personnel.identity.models import UsedIdTokenRow
from shared.db.transaction import Transaction

IDENTITY_LINKED = "pk_identities"
ACCOUNT_LINKED = "uq_identities_county_id_account_id_issuer"


class IdentityStore:
    """One county's identities, and the issuers' tokens that were used."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def account_of(self, identity: Identity) -> UUID | None:
        """The account that the identity opens, or None."""
        return self._connection.execute(
            select(IdentityRow.account_id).where(
                IdentityRow.county_id == self._county_id,
                IdentityRow.issuer == identity.issuer,
                IdentityRow.subject == identity.subject,
            )
        ).scalar()

    def add(self, linked: LinkedIdentity) -> None:
        """Link; IntegrityError (IDENTITY_LINKED, ACCOUNT_LINKED) where a link was first."""
        self._connection.execute(
            insert(IdentityRow).values(
                county_id=self._county_id,
                issuer=linked.identity.issuer,
                subject=linked.identity.subject,
                account_id=linked.account_id,
                linked_at=linked.linked_at,
            )
        )

    def remove(self, account_id: UUID, issuer: str) -> bool:
        """Unlink the account from the issuer; False where it was not linked."""
        removed = self._connection.execute(
            delete(IdentityRow).where(
                IdentityRow.county_id == self._county_id,
                IdentityRow.account_id == account_id,
                IdentityRow.issuer == issuer,
            )
        )
        return removed.rowcount > 0

    def use(self, token: IdToken, now: datetime) -> bool:
        """Remember that the token was used, until it is over; False where it was used before."""
        self._connection.execute(
            delete(UsedIdTokenRow).where(
                UsedIdTokenRow.county_id == self._county_id,
                UsedIdTokenRow.expires_at < now - SKEW,
            )
        )
        added = self._connection.execute(
            upsert(UsedIdTokenRow)
            .values(
                county_id=self._county_id,
                token_hash=token.use,
                expires_at=token.expires_at,
            )
            .on_conflict_do_nothing()
            .returning(UsedIdTokenRow.token_hash)
        )
        return added.first() is not None
