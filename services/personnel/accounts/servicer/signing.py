"""What requests of people who sign in have in common."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.personnel.accounts.domain import accounts
from services.personnel.accounts.domain.accounts import Account
from services.personnel.accounts.usecases import signing_in
from shared.context import RequestContext
from shared.errors import DomainError
from shared.rpc import call
from shared.tokens import Signer
from wangge.personnel.v1 import auth_service_pb2 as pb

Granted = TypeVar("Granted", signing_in.Grant, Account)


def named_county() -> RequestContext:
    """The context of a caller who is not signed in; a county that cannot exist has no accounts."""
    context = call.current()
    return context if accounts.is_county(context.county_id) else replace(context, county_id="")


def granted(outcome: Granted | DomainError) -> Granted:
    """What was granted; a refusal is raised only now that its transaction has committed."""
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def new_refresh_token() -> str:
    """A refresh token that nobody can guess."""
    return secrets.token_urlsafe(32)


def tokens_of(
    signer: Signer, grant: signing_in.Grant, refresh_token: str, now: datetime
) -> pb.Tokens:
    """An access token of the grant, with the refresh token beside it."""
    lifetime = grant.expires_at - now
    access_token = signer.sign(
        county_id=call.current().county_id,
        person_id=grant.person_id,
        account_id=grant.account_id,
        roles=grant.roles,
        capabilities=grant.capabilities,
        now=now,
        lifetime=lifetime,
        session_id=grant.session_id,
        password_change=grant.must_change,
    )
    return pb.Tokens(
        access_token=access_token,
        token_type="Bearer",  # noqa: S106 - the kind of token
        expires_in=int(lifetime.total_seconds()),
        refresh_token=refresh_token,
        person_id=str(grant.person_id),
        must_change_password=grant.must_change,
    )
