"""Signing in, and what people do with their own accounts, over gRPC."""

import grpc

from services.personnel.accounts.domain.accounts import Account, SessionNotFound
from services.personnel.accounts.messages import write_session
from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.accounts.servicer.signing import (
    granted,
    named_county,
    new_refresh_token,
    tokens_of,
)
from services.personnel.accounts.usecases import own_account, signing_in
from services.personnel.common.domain.clock import Clock
from services.personnel.common.messages import was_answered, without_secrets
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import DomainError
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from shared.tokens import Signer
from wangge.personnel.v1 import auth_service_pb2 as pb


class SignInServicer:
    """Signing in over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[Transaction],
        hasher: PasswordHasher,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._hasher = hasher
        self._signer = signer
        self._clock = clock

    def IssueToken(
        self, request: pb.IssueTokenRequest, context: grpc.ServicerContext
    ) -> pb.IssueTokenResponse:
        """Sign in with username and password."""
        given = signing_in.Credentials(request.username, request.password)
        new = signing_in.NewSecrets(new_id(), new_refresh_token())
        now = self._clock()
        with self._unit_of_work(named_county()) as tx:
            outcome = signing_in.sign_in(tx, self._hasher, given, new, now)
        tokens = tokens_of(self._signer, granted(outcome), new.refresh_token, now)
        return pb.IssueTokenResponse(tokens=tokens)

    def RefreshToken(
        self, request: pb.RefreshTokenRequest, context: grpc.ServicerContext
    ) -> pb.RefreshTokenResponse:
        """Exchange a refresh token for new tokens."""
        new_token = new_refresh_token()
        now = self._clock()
        with self._unit_of_work(named_county()) as tx:
            outcome = signing_in.refresh(tx, request.refresh_token, new_token, now)
        tokens = tokens_of(self._signer, granted(outcome), new_token, now)
        return pb.RefreshTokenResponse(tokens=tokens)

    def AcceptInvitation(
        self, request: pb.AcceptInvitationRequest, context: grpc.ServicerContext
    ) -> pb.AcceptInvitationResponse:
        """Choose a password with a one-time code."""
        given = own_account.Acceptance(request.username, request.code, request.password)
        with self._unit_of_work(named_county()) as tx:
            outcome = own_account.accept_invitation(tx, self._hasher, given, self._clock())
        return pb.AcceptInvitationResponse(person_id=str(granted(outcome).person_id))

    def ChangePassword(
        self, request: pb.ChangePasswordRequest, context: grpc.ServicerContext
    ) -> pb.ChangePasswordResponse:
        """Choose another password.

        The old one is checked in a transaction of its own, where a wrong guess counts; a request
        that was carried out before is not asked for it again, for the password has changed.
        """
        kept = without_secrets(request)
        with self._unit_of_work(call.current()) as tx:
            checked: Account | DomainError
            if was_answered(tx, kept):
                checked = own_account.own_account(tx)
            else:
                checked = own_account.check_old_password(
                    tx, self._hasher, request.old_password, self._clock()
                )
        account = granted(checked)

        def act(tx: Transaction) -> pb.ChangePasswordResponse:
            own_account.change_password(
                tx, self._hasher, account, request.new_password, self._clock()
            )
            return pb.ChangePasswordResponse(person_id=str(account.person_id))

        return once(self._unit_of_work, kept, pb.ChangePasswordResponse, act)

    def SignOut(
        self, request: pb.SignOutRequest, context: grpc.ServicerContext
    ) -> pb.SignOutResponse:
        """End the session that the caller acts in."""

        def act(tx: Transaction) -> pb.SignOutResponse:
            own_account.sign_out(tx, self._clock())
            return pb.SignOutResponse(session_id=str(tx.context.session_id))

        return once(self._unit_of_work, request, pb.SignOutResponse, act)

    def ListSessions(
        self, request: pb.ListSessionsRequest, context: grpc.ServicerContext
    ) -> pb.ListSessionsResponse:
        """List the caller's sessions, the oldest first."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            entries = own_account.list_sessions(tx, asked, self._clock())
        return pb.ListSessionsResponse(
            sessions=[write_session(entry) for entry in entries.items],
            next_page_token=entries.next_page_token,
        )

    def EndSession(
        self, request: pb.EndSessionRequest, context: grpc.ServicerContext
    ) -> pb.EndSessionResponse:
        """End one of the caller's sessions."""
        not_found = SessionNotFound(session_id=request.session_id)
        session_id = uuid_or(request.session_id, not_found)

        def act(tx: Transaction) -> pb.EndSessionResponse:
            own_account.end_session(tx, session_id, self._clock())
            return pb.EndSessionResponse(session_id=str(session_id))

        return once(self._unit_of_work, request, pb.EndSessionResponse, act)
