"""Signing in with an outside issuer, and linking its identities, over gRPC."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

import grpc

from services.personnel.accounts.messages import write_account
from services.personnel.accounts.servicer.signing import (
    granted,
    named_county,
    new_refresh_token,
    tokens_of,
)
from services.personnel.accounts.usecases import signing_in
from services.personnel.common.domain.clock import Clock
from services.personnel.common.messages import was_answered, without_secrets
from services.personnel.identity import usecases as outside_identity
from services.personnel.identity.domain import (
    SUBJECT_OR_TOKEN,
    IdToken,
    IdTokenRefused,
    OutsideSignInOff,
    identity_of,
)
from services.personnel.identity.issuer import OidcIssuer
from services.personnel.identity.store import ACCOUNT_LINKED, IDENTITY_LINKED
from services.personnel.roster.domain import PersonNotFound
from shared.context import CITY
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from shared.tokens import Signer
from wangge.personnel.v1 import accounts_service_pb2 as pb
from wangge.personnel.v1 import auth_service_pb2 as auth_pb


class IdentityServicer:
    """Identities of the outside issuer over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[Transaction],
        signer: Signer,
        issuer: OidcIssuer | None,
        clock: Clock,
    ) -> None:
        """``issuer`` is the outside issuer that is trusted, if any."""
        self._unit_of_work = unit_of_work
        self._signer = signer
        self._issuer = issuer
        self._clock = clock

    def ExchangeToken(
        self, request: auth_pb.ExchangeTokenRequest, context: grpc.ServicerContext
    ) -> auth_pb.ExchangeTokenResponse:
        """Sign in with an id token, which is verified before anything of the county is read."""
        now = self._clock()
        token = taken_id_token(self._unit_of_work, self._issuer, request, now)
        new = signing_in.NewSecrets(new_id(), new_refresh_token())
        with self._unit_of_work(named_county()) as tx:
            outcome = outside_identity.exchange(tx, token.identity, new, now)
        tokens = tokens_of(self._signer, granted(outcome), new.refresh_token, now)
        return auth_pb.ExchangeTokenResponse(tokens=tokens)

    def LinkIdentity(
        self, request: pb.LinkIdentityRequest, context: grpc.ServicerContext
    ) -> pb.LinkIdentityResponse:
        """Link an identity of the outside issuer with an account."""
        person_id = _person_id(request.person_id)
        issuer = required(self._issuer)
        if bool(request.subject) == bool(request.id_token):
            raise InvalidArgument([Violation("/subject", SUBJECT_OR_TOKEN)])
        kept = without_secrets(request)
        token = self._own_token(request, kept) if request.id_token else None

        def act(tx: Transaction) -> pb.LinkIdentityResponse:
            now = self._clock()
            if request.subject:
                identity = identity_of(issuer.name, request.subject)
                entry = outside_identity.link(tx, person_id, identity, now)
            elif token is not None:
                entry = outside_identity.link_own(tx, person_id, token, now)
            else:
                raise IdTokenRefused  # used up by the request before, whose answer is gone
            return pb.LinkIdentityResponse(account=write_account(entry))

        races = (IDENTITY_LINKED, ACCOUNT_LINKED)
        return once(self._unit_of_work, kept, pb.LinkIdentityResponse, act, races)

    def UnlinkIdentity(
        self, request: pb.UnlinkIdentityRequest, context: grpc.ServicerContext
    ) -> pb.UnlinkIdentityResponse:
        """Unlink an account from the outside issuer."""
        person_id = _person_id(request.person_id)
        issuer = required(self._issuer)

        def act(tx: Transaction) -> pb.UnlinkIdentityResponse:
            entry = outside_identity.unlink(tx, person_id, issuer.name, self._clock())
            return pb.UnlinkIdentityResponse(account=write_account(entry))

        return once(self._unit_of_work, request, pb.UnlinkIdentityResponse, act)

    def _own_token(
        self, request: pb.LinkIdentityRequest, kept: pb.LinkIdentityRequest
    ) -> IdToken | None:
        """The request's id token, now used up; None where the same request was answered before."""
        with self._unit_of_work(call.current()) as tx:
            if was_answered(tx, kept):
                return None
        return taken_id_token(self._unit_of_work, self._issuer, request, self._clock())


def _person_id(text: str) -> UUID:
    return uuid_or(text, PersonNotFound(person_id=text))


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
    """The request's id token, verified and used up: nobody can use it again.

    No transaction is open while the issuer is asked for its keys. Raises OutsideSignInOff,
    IdTokenRefused, IssuerUnavailable.
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
