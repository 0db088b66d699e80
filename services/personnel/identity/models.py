"""Tokens of outside issuers that were used."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class UsedIdTokenRow(Base):
    """An outside issuer's token that was presented, by its hash, kept until it expires."""

    __tablename__ = "used_id_tokens"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "county_id", "expires_at"),)
