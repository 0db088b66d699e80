"""Responsibility letters over gRPC."""

from collections.abc import Sequence
from uuid import UUID

import grpc
import orjson

from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.pledges import usecases as pledging
from services.personnel.pledges.domain.letters import (
    NoPledgeForGrid,
    Pledge,
    PledgeFilter,
    Signatory,
    Signature,
    State,
)
from services.personnel.pledges.domain.rounds import Round, RoundNotFound, Side, Signing, Wording
from services.personnel.pledges.store import PledgeStore
from services.personnel.posts.domain.posts import READ
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, optional_moment, optional_uuid, present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.structure.peer import Learned
from wangge.personnel.v1 import pledges_pb2
from wangge.personnel.v1 import pledges_service_pb2 as pb

write_signing = writer(pledges_pb2.PledgeSigning, Signing)
write_round = writer(
    pledges_pb2.PledgeRound, Round, parts=("wording",), nested={"signings": write_signing}
)
write_signature = writer(pledges_pb2.PledgeSignature, Signature, names={"sign_time": "signed_at"})
write_signatory = writer(pledges_pb2.PledgeSignatory, Signatory)
write_pledge = writer(
    pledges_pb2.Pledge,
    Pledge,
    parts=("letter",),
    names={
        "grid_id": "grid.grid_id",
        "grid_path": "grid.path",
        "grid_name": "grid.name",
        "level": "grid.level_id",
    },
    made={
        "upper_grid_name": lambda pledge: pledge.upper.name if pledge.upper else "",
        "letter_id": lambda pledge: str(pledge.letter.letter_id) if pledge.is_on_record else "",
        "text_json": lambda pledge: orjson.dumps(
            pledge.letter.text, option=orjson.OPT_SORT_KEYS
        ).decode(),
        "awaited_names": lambda pledge: [each.person_name for each in pledge.awaited],
    },
    nested={"signatures": write_signature, "awaited": write_signatory},
)

SIDES = {pledges_pb2.PLEDGE_SIDE_LOWER: Side.LOWER, pledges_pb2.PLEDGE_SIDE_UPPER: Side.UPPER}
SIDE_NUMBERS = {side: number for number, side in SIDES.items()}
STATES = {
    pledges_pb2.PLEDGE_STATE_UNSIGNED: State.UNSIGNED,
    pledges_pb2.PLEDGE_STATE_PARTLY_SIGNED: State.PARTLY_SIGNED,
    pledges_pb2.PLEDGE_STATE_SIGNED: State.SIGNED,
}
STATE_NUMBERS = {state: number for number, state in STATES.items()}


class PledgeServicer:
    """Rounds and letters over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], grid: GridPeer, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._grid = grid
        self._clock = clock

    def CreatePledgeRound(
        self, request: pb.CreatePledgeRoundRequest, context: grpc.ServicerContext
    ) -> pb.CreatePledgeRoundResponse:
        """Open a round."""
        now = self._clock()
        new = Round(
            round_id=new_id(),
            year=request.year,
            title=request.title,
            wording=Wording(tuple(request.goals), request.rewards, request.penalties),
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            grid_path=None,
            signings=tuple(
                Signing(each.level, each.role_type, each.upper_level or None, each.upper_role_type)
                for each in request.signings
            ),
            created_at=now,
            closed_at=None,
            version=1,
        )
        first = new.signings[0].role_type if new.signings else None

        def attempt(learned: Learned) -> pb.CreatePledgeRoundResponse:
            def act(tx: Transaction) -> pb.CreatePledgeRoundResponse:
                learned.keep(tx)
                made = pledging.create_round(tx, new, now)
                return pb.CreatePledgeRoundResponse(round=write_round(made))

            return once(self._unit_of_work, request, pb.CreatePledgeRoundResponse, act)

        return self._grid.answer(attempt, now, role_type=first, grid_id=new.grid_id)

    def ClosePledgeRound(
        self, request: pb.ClosePledgeRoundRequest, context: grpc.ServicerContext
    ) -> pb.ClosePledgeRoundResponse:
        """End a round's signing."""
        round_id = _round_id(request.round_id)

        def act(tx: Transaction) -> pb.ClosePledgeRoundResponse:
            closed = pledging.close_round(tx, round_id, request.expected_version, self._clock())
            return pb.ClosePledgeRoundResponse(round=write_round(closed))

        return once(self._unit_of_work, request, pb.ClosePledgeRoundResponse, act)

    def GetPledgeRound(
        self, request: pb.GetPledgeRoundRequest, context: grpc.ServicerContext
    ) -> pb.GetPledgeRoundResponse:
        """Return one round."""
        with self._unit_of_work(call.current()) as tx:
            found = tx.store(PledgeStore).get_round(_round_id(request.round_id))
        return pb.GetPledgeRoundResponse(round=write_round(found))

    def ListPledgeRounds(
        self, request: pb.ListPledgeRoundsRequest, context: grpc.ServicerContext
    ) -> pb.ListPledgeRoundsResponse:
        """List rounds, newest first."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            found = tx.store(PledgeStore).rounds(request.year or None, asked)
        return pb.ListPledgeRoundsResponse(
            rounds=[write_round(each) for each in found.items],
            next_page_token=found.next_page_token,
        )

    def GetPledge(
        self, request: pb.GetPledgeRequest, context: grpc.ServicerContext
    ) -> pb.GetPledgeResponse:
        """Return a grid's letter as it stands."""
        round_id, grid_id = _ids(request.round_id, request.grid_id)
        with self._unit_of_work(call.current()) as tx:
            pledge = pledging.get_pledge(tx, round_id, grid_id, self._clock())
        return pb.GetPledgeResponse(pledge=write_pledge(pledge))

    def SignPledge(
        self, request: pb.SignPledgeRequest, context: grpc.ServicerContext
    ) -> pb.SignPledgeResponse:
        """Sign for one side."""
        round_id, grid_id = _ids(request.round_id, request.grid_id)
        side = SIDES.get(request.side)
        if side is None:
            raise InvalidArgument([Violation("/side", MISSING)])
        text_hash = present(request.text_hash, "/text_hash")

        def act(tx: Transaction) -> pb.SignPledgeResponse:
            now = self._clock()
            pledge = pledging.sign_pledge(
                tx, round_id, grid_id, now, side=side, text_hash=text_hash
            )
            return pb.SignPledgeResponse(pledge=write_pledge(pledge))

        return once(self._unit_of_work, request, pb.SignPledgeResponse, act)

    def ReissuePledge(
        self, request: pb.ReissuePledgeRequest, context: grpc.ServicerContext
    ) -> pb.ReissuePledgeResponse:
        """Issue a new letter."""
        round_id, grid_id = _ids(request.round_id, request.grid_id)
        wording = Wording(tuple(request.goals), request.rewards, request.penalties)
        letter_id = new_id()

        def act(tx: Transaction) -> pb.ReissuePledgeResponse:
            now = self._clock()
            pledge = pledging.reissue(
                tx,
                round_id,
                grid_id,
                now,
                letter_id=letter_id,
                wording=wording,
                reason=request.reason,
            )
            return pb.ReissuePledgeResponse(pledge=write_pledge(pledge))

        return once(self._unit_of_work, request, pb.ReissuePledgeResponse, act)

    def ListPledges(
        self, request: pb.ListPledgesRequest, context: grpc.ServicerContext
    ) -> pb.ListPledgesResponse:
        """List letters in the order of the grids."""
        page, token = self._page(request, STATES.get(request.state), is_unsigned=False)
        return pb.ListPledgesResponse(pledges=page, next_page_token=token)

    def ListUnsignedPledges(
        self, request: pb.ListUnsignedPledgesRequest, context: grpc.ServicerContext
    ) -> pb.ListUnsignedPledgesResponse:
        """List letters that lack a signature."""
        page, token = self._page(request, None, is_unsigned=True)
        return pb.ListUnsignedPledgesResponse(pledges=page, next_page_token=token)

    def CountPledges(
        self, request: pb.CountPledgesRequest, context: grpc.ServicerContext
    ) -> pb.CountPledgesResponse:
        """Count letters by township."""
        wanted = self._wanted(request, None, is_unsigned=False)
        with self._unit_of_work(call.current()) as tx:
            counts = pledging.count_pledges(tx, _required_round(request.round_id), wanted)
        return pb.CountPledgesResponse(
            counts=[
                pledges_pb2.PledgeCount(
                    grid_id=str(each.grid_id or ""),
                    grid_name=each.grid_name,
                    total=each.total,
                    signed=each.signed,
                    partly_signed=each.partly_signed,
                )
                for each in counts
            ],
            total=sum(each.total for each in counts),
            signed=sum(each.signed for each in counts),
            partly_signed=sum(each.partly_signed for each in counts),
        )

    def _page(
        self,
        request: pb.ListPledgesRequest | pb.ListUnsignedPledgesRequest,
        state: State | None,
        *,
        is_unsigned: bool,
    ) -> tuple[Sequence[pledges_pb2.Pledge], str]:
        """One page, and the token of the next."""
        asked = PageRequest.of(request)
        round_id = _required_round(request.round_id)
        wanted = self._wanted(request, state, is_unsigned=is_unsigned)
        with self._unit_of_work(call.current()) as tx:
            found = pledging.list_pledges(tx, round_id, wanted, asked)
        return [write_pledge(each) for each in found.items], found.next_page_token

    def _wanted(
        self,
        request: pb.ListPledgesRequest | pb.ListUnsignedPledgesRequest | pb.CountPledgesRequest,
        state: State | None,
        *,
        is_unsigned: bool,
    ) -> PledgeFilter:
        return PledgeFilter(
            moment=optional_moment(request, "as_of") or self._clock(),
            paths=call.current().grid_scopes(READ),
            level=request.level,
            state=state,
            is_unsigned=is_unsigned,
        )


def _round_id(text: str) -> UUID:
    return uuid_or(text, RoundNotFound(round_id=text))


def _required_round(text: str) -> UUID:
    """A round that the query names."""
    return _round_id(present(text, "/round_id"))


def _ids(round_id: str, grid_id: str) -> tuple[UUID, UUID]:
    found = _round_id(round_id)
    return found, uuid_or(grid_id, NoPledgeForGrid(grid_id=grid_id, round_id=round_id))
