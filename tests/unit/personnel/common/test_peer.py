"""A request asks grid, and opens a transaction to find out what is missing, only on a gap."""

from datetime import UTC, datetime
from typing import Any, cast

import grpc
import pytest

from services.personnel.common.peer import GridPeer
from shared.structure.peer import NOTHING, Learned, StructurePeer
from shared.structure.store import StructureNotYetKnown

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class OpenedError(Exception):
    """A transaction was opened to look for a gap."""


def opened(_: object) -> Any:
    raise OpenedError


@pytest.fixture(params=[GridPeer, StructurePeer])
def peer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("shared.rpc.call.current", lambda: None)
    return request.param(grpc.insecure_channel("127.0.0.1:1"), cast("Any", opened))


def test_what_succeeds_at_once_opens_nothing_more(peer: Any) -> None:
    attempts: list[Learned] = []

    def attempt(learned: Learned) -> str:
        attempts.append(learned)
        return "done"

    assert peer.answer(attempt, NOW, grid_id=None) == "done"
    assert attempts == [NOTHING]


def test_a_gap_is_looked_for_after_the_request_failed(peer: Any) -> None:
    def attempt(_: Learned) -> str:
        raise StructureNotYetKnown("grid")

    with pytest.raises(OpenedError):
        peer.answer(attempt, NOW, grid_id=None)


def test_a_fault_of_another_kind_is_no_gap(peer: Any) -> None:
    def attempt(_: Learned) -> str:
        raise LookupError

    with pytest.raises(LookupError):
        peer.answer(attempt, NOW, grid_id=None)
