"""Looking after other people's accounts over gRPC."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message

from services.personnel.accounts.domain.accounts import AccountEntry
from services.personnel.accounts.domain.invitations import new_code
from services.personnel.accounts.messages import write_account
from services.personnel.accounts.store import USERNAME_TAKEN
from services.personnel.accounts.usecases import administration as accounts
from services.personnel.common.domain.clock import Clock
from services.personnel.roster.domain import PersonNotFound
from shared.db.transaction import Transaction, UnitOfWork
from shared.ids import new_id
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from wangge.personnel.v1 import accounts_service_pb2 as pb

AccountChange = pb.UnlockAccountRequest | pb.DisableAccountRequest | pb.EnableAccountRequest
Answer = TypeVar(
    "Answer", pb.UnlockAccountResponse, pb.DisableAccountResponse, pb.EnableAccountResponse
)
Coded = TypeVar("Coded", pb.InvitePersonResponse, pb.ResetPasswordResponse)
Change = Callable[[Transaction, UUID, str, datetime], AccountEntry]


class AccountServicer:
    """Accounts of others over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def InvitePerson(
        self, request: pb.InvitePersonRequest, context: grpc.ServicerContext
    ) -> pb.InvitePersonResponse:
        """Give a code with which a person chooses a first password."""
        person_id = _person_id(request.person_id)
        new = accounts.Invitation(new_id(), request.username, new_code())

        def act(tx: Transaction) -> pb.InvitePersonResponse:
            entry = accounts.invite(tx, person_id, new, self._clock())
            return pb.InvitePersonResponse(account=write_account(entry))

        return self._with_code(request, pb.InvitePersonResponse, act, new.code)

    def ResetPassword(
        self, request: pb.ResetPasswordRequest, context: grpc.ServicerContext
    ) -> pb.ResetPasswordResponse:
        """Take a password away and give a code with which to choose another."""
        person_id = _person_id(request.person_id)
        code = new_code()

        def act(tx: Transaction) -> pb.ResetPasswordResponse:
            entry = accounts.reset_password(tx, person_id, code, request.reason, self._clock())
            return pb.ResetPasswordResponse(account=write_account(entry))

        return self._with_code(request, pb.ResetPasswordResponse, act, code)

    def UnlockAccount(
        self, request: pb.UnlockAccountRequest, context: grpc.ServicerContext
    ) -> pb.UnlockAccountResponse:
        """Forget the failed sign-ins to an account."""
        return self._changed(request, pb.UnlockAccountResponse, accounts.unlock)

    def DisableAccount(
        self, request: pb.DisableAccountRequest, context: grpc.ServicerContext
    ) -> pb.DisableAccountResponse:
        """Disable an account."""
        return self._changed(request, pb.DisableAccountResponse, accounts.disable)

    def EnableAccount(
        self, request: pb.EnableAccountRequest, context: grpc.ServicerContext
    ) -> pb.EnableAccountResponse:
        """Enable an account."""
        return self._changed(request, pb.EnableAccountResponse, accounts.enable)

    def GetAccount(
        self, request: pb.GetAccountRequest, context: grpc.ServicerContext
    ) -> pb.GetAccountResponse:
        """Return a person's account."""
        person_id = _person_id(request.person_id)
        with self._unit_of_work(call.current()) as tx:
            entry = accounts.get_account(tx, person_id)
        return pb.GetAccountResponse(account=write_account(entry))

    def _changed(
        self, request: AccountChange, response_type: type[Answer], change: Change
    ) -> Answer:
        person_id = _person_id(request.person_id)

        def act(tx: Transaction) -> Answer:
            entry = change(tx, person_id, request.reason, self._clock())
            return response_type(account=write_account(entry))

        return once(self._unit_of_work, request, response_type, act)

    def _with_code(
        self,
        request: Message,
        response_type: type[Coded],
        act: Callable[[Transaction], Coded],
        code: str,
    ) -> Coded:
        """Act once; the code is in the first answer alone, and not in the one that is kept."""
        acted: list[Coded] = []

        def note(tx: Transaction) -> Coded:
            acted.append(act(tx))
            return acted[-1]

        answer = once(self._unit_of_work, request, response_type, note, (USERNAME_TAKEN,))
        if acted and answer is acted[-1]:
            answer.code = code
        return answer


def _person_id(text: str) -> UUID:
    return uuid_or(text, PersonNotFound(person_id=text))
