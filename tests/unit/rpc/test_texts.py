"""Texts that no database keeps are refused by field."""

import pytest
from google.protobuf.struct_pb2 import Struct

from shared.errors import InvalidArgument
from shared.rpc.texts import refuse_nul
from wangge.grid.v1 import divisions_pb2
from wangge.patrols.v1 import ledger_service_pb2 as pb


def pointers(message: object) -> list[str]:
    with pytest.raises(InvalidArgument) as caught:
        refuse_nul(message)
    return [violation.pointer for violation in caught.value.violations]


def test_every_text_at_fault_is_named_also_within_lists_and_messages() -> None:
    request = pb.SubmitPatrolRequest(
        county_id="t\x001",
        summary="fine",
        findings=[{"category": "a"}, {"description": "\x00", "address": "b\x00"}],
        signature={"content_hash": "\x00"},
    )

    assert pointers(request) == [
        "/county_id",
        "/findings/1/description",
        "/findings/1/address",
        "/signature/content_hash",
    ]


def test_an_entry_of_a_list_of_texts_is_named_by_its_place() -> None:
    request = divisions_pb2.ImportDivisionsRequest(codes=["430223", "4302\x0023"])

    assert pointers(request) == ["/codes/1"]


def test_names_and_values_of_a_map_count_as_texts() -> None:
    settings = Struct()
    settings.update({"fine": "\x00", "odd\x00": 1.0})

    assert sorted(pointers(settings)) == ["/fields", "/fields/fine/string_value"]


def test_zeros_of_numbers_are_no_texts() -> None:
    request = pb.SubmitPatrolRequest(
        findings=[{"longitude": 0.0, "latitude": 27.0}], end_time={"seconds": 0, "nanos": 256}
    )
    assert b"\x00" in request.SerializeToString()

    refuse_nul(request)
