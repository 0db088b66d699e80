"""Id tokens that requests carry: verified, and taken so that nobody can use them again."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.personnel.identity import usecases as outside_identity
from services.personnel.identity.domain import IdToken, OutsideSignInOff
from services.personnel.identity.issuer import OidcIssuer
from shared.context import CITY
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc import call


class CarriesIdToken(Protocol):
    """A request with an id token, and the nonce that the client has sent to the issuer, if any."""

    id_token: str
    nonce: str


def taken_id_token(
    unit_of_work: UnitOfWork[Transaction],
    issuer: OidcIssuer | None,
    request: CarriesIdToken,
    now: datetime,
) -> IdToken:
    """The request's token. Raises OutsideSignInOff, IdTokenRefused, IssuerUnavailable.

    No transaction is open while the issuer is asked for its keys.
    """
    token = required(issuer).verify(request.id_token, request.nonce or None)
    with unit_of_work(replace(call.current(), county_id=CITY)) as tx:
        outside_identity.use_once(tx, token, now)
    return token


def required(issuer: OidcIssuer | None) -> OidcIssuer:
    """The issuer that is trusted. Raises OutsideSignInOff where none is."""
    if issuer is None:
        raise OutsideSignInOff
    return issuer
