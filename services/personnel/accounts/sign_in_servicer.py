"""Signing in, and what people do with their own accounts, over gRPC."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.personnel.accounts.domain import accounts
from services.personnel.accounts.domain.accounts import Account, SessionNotFound
from services.personnel.accounts.usecases import own_account, signing_in
from services.personnel.common.idempotency import remembered, was_answered
from services.personnel.identity import usecases as outside_identity
from services.personnel.identity.id_tokens import taken_id_token
from services.personnel.identity.issuer import OidcIssuer
from services.personnel.ports import PasswordHasher, Vault
from services.personnel.store import PersonnelTransaction
from shared.context import RequestContext
from shared.db.transaction import UnitOfWork
from shared.errors import DomainError
from shared.rpc import call, paging
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.tokens import Signer
from wangge.personnel.v1 import auth_service_pb2 as pb
from wangge.personnel.v1 import auth_service_pb2_grpc as pb_grpc

Clock = Callable[[], datetime]
Granted = TypeVar("Granted", signing_in.Grant, Account)

SIGNED_IN = Rule(any_post=True, before_password_change=True)
AUTH_RULES: Rules = {
    "IssueToken": Rule.public(),
    "RefreshToken": Rule.public(),
    "ExchangeToken": Rule.public(),
    "AcceptInvitation": Rule.public(),
    "ChangePassword": SIGNED_IN,
    "SignOut": SIGNED_IN,
    "ListSessions": SIGNED_IN,
    "EndSession": SIGNED_IN,
}


@dataclass(frozen=True, slots=True)
class Means:
    """By what people are recognised, and what signs their tokens."""

    hasher: PasswordHasher
    signer: Signer
    issuer: OidcIssuer | None
    """The outside issuer that is trusted, if any."""


class AuthServicer(pb_grpc.AuthServiceServicer):
    """Signing in over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[PersonnelTransaction],
        means: Means,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._hasher, self._signer, self._issuer = means.hasher, means.signer, means.issuer
        self._vault = vault
        self._clock = clock

    def IssueToken(
        self, request: pb.IssueTokenRequest, context: grpc.ServicerContext
    ) -> pb.IssueTokenResponse:
        """Sign in with username and password."""
        given = signing_in.Credentials(request.username, request.password)
        new = signing_in.NewSecrets(_new_id(), _new_refresh_token())
        now = self._clock()
        with self._unit_of_work(_named_county()) as tx:
            outcome = signing_in.sign_in(tx, self._hasher, given, new, now)
        tokens = self._tokens(_granted(outcome), new.refresh_token, now)
        return pb.IssueTokenResponse(tokens=tokens)

    def RefreshToken(
        self, request: pb.RefreshTokenRequest, context: grpc.ServicerContext
    ) -> pb.RefreshTokenResponse:
        """Exchange a refresh token for new tokens."""
        new_token = _new_refresh_token()
        now = self._clock()
        with self._unit_of_work(_named_county()) as tx:
            outcome = signing_in.refresh(tx, request.refresh_token, new_token, now)
        tokens = self._tokens(_granted(outcome), new_token, now)
        return pb.RefreshTokenResponse(tokens=tokens)

    def ExchangeToken(
        self, request: pb.ExchangeTokenRequest, context: grpc.ServicerContext
    ) -> pb.ExchangeTokenResponse:
        """Sign in by the word of the outside issuer. Nothing is read of the county before."""
        now = self._clock()
        token = taken_id_token(self._unit_of_work, self._issuer, request, now)
        new = signing_in.NewSecrets(_new_id(), _new_refresh_token())
        with self._unit_of_work(_named_county()) as tx:
            outcome = outside_identity.exchange(tx, token.identity, new, now)
        tokens = self._tokens(_granted(outcome), new.refresh_token, now)
        return pb.ExchangeTokenResponse(tokens=tokens)

    def AcceptInvitation(
        self, request: pb.AcceptInvitationRequest, context: grpc.ServicerContext
    ) -> pb.AcceptInvitationResponse:
        """Choose a password with a one-time code."""
        given = own_account.Acceptance(request.username, request.code, request.password)
        with self._unit_of_work(_named_county()) as tx:
            outcome = own_account.accept_invitation(tx, self._hasher, given, self._clock())
        return pb.AcceptInvitationResponse(person_id=str(_granted(outcome).person_id))

    def ChangePassword(
        self, request: pb.ChangePasswordRequest, context: grpc.ServicerContext
    ) -> pb.ChangePasswordResponse:
        """Choose another password.

        The old one is checked in a transaction of its own, where a wrong guess counts; a request
        that was carried out before is not asked for it again, for the password has changed.
        """
        kept = remembered(request, self._vault)
        with self._unit_of_work(call.current()) as tx:
            checked: Account | DomainError
            if was_answered(tx, kept):
                checked = own_account.own_account(tx)
            else:
                checked = own_account.check_old_password(
                    tx, self._hasher, request.old_password, self._clock()
                )
        account = _granted(checked)

        def act(tx: PersonnelTransaction) -> pb.ChangePasswordResponse:
            own_account.change_password(
                tx, self._hasher, account, request.new_password, self._clock()
            )
            return pb.ChangePasswordResponse(person_id=str(account.person_id))

        return once(self._unit_of_work, kept, pb.ChangePasswordResponse, act)

    def SignOut(
        self, request: pb.SignOutRequest, context: grpc.ServicerContext
    ) -> pb.SignOutResponse:
        """End the session that the caller acts in."""

        def act(tx: PersonnelTransaction) -> pb.SignOutResponse:
            own_account.sign_out(tx, self._clock())
            return pb.SignOutResponse(session_id=str(tx.context.session_id))

        return once(self._unit_of_work, request, pb.SignOutResponse, act)

    def ListSessions(
        self, request: pb.ListSessionsRequest, context: grpc.ServicerContext
    ) -> pb.ListSessionsResponse:
        """List the caller's sessions, the oldest first."""
        size = paging.size(request.page_size)
        after = paging.decode_one(request.page_token, UUID)
        with self._unit_of_work(call.current()) as tx:
            entries = own_account.list_sessions(tx, after, size + 1, self._clock())
        page = entries[:size]
        current = call.current().session_id
        return pb.ListSessionsResponse(
            sessions=[
                pb.Session(
                    session_id=str(entry.session_id),
                    start_time=entry.started_at,
                    expire_time=entry.expires_at,
                    current=entry.session_id == current,
                )
                for entry in page
            ],
            next_page_token=paging.encode(page[-1].session_id) if len(entries) > size else "",
        )

    def EndSession(
        self, request: pb.EndSessionRequest, context: grpc.ServicerContext
    ) -> pb.EndSessionResponse:
        """End one of the caller's sessions."""
        not_found = SessionNotFound(session_id=request.session_id)
        session_id = uuid_or(request.session_id, not_found)

        def act(tx: PersonnelTransaction) -> pb.EndSessionResponse:
            own_account.end_session(tx, session_id, self._clock())
            return pb.EndSessionResponse(session_id=str(session_id))

        return once(self._unit_of_work, request, pb.EndSessionResponse, act)

    def _tokens(self, grant: signing_in.Grant, refresh_token: str, now: datetime) -> pb.Tokens:
        lifetime = grant.expires_at - now
        access_token = self._signer.sign(
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


def _named_county() -> RequestContext:
    """The context of somebody who is not signed in; a county that cannot exist shows nothing."""
    context = call.current()
    return context if accounts.is_county(context.county_id) else replace(context, county_id="")


def _granted(outcome: Granted | DomainError) -> Granted:
    """What was granted; a refusal is raised only now that its transaction has committed."""
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _new_id() -> UUID:
    return UUID(int=uuid7().int)


def _new_refresh_token() -> str:
    return secrets.token_urlsafe(32)
