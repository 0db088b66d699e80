"""The gRPC process: ``python -m services.disclosure.serve_grpc``."""

from collections.abc import Callable
from datetime import datetime

from services.disclosure.publications.servicer import (
    PUBLIC_RULES,
    PublicServicer,
    PublishingMethods,
)
from services.disclosure.register.servicer import RULES, RegisterMethods
from services.disclosure.review.cases_peer import CasesPeer
from services.disclosure.review.servicer import ReviewMethods
from services.disclosure.store import DisclosureTransaction, make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc


class DisclosureServicer(RegisterMethods, ReviewMethods, PublishingMethods):
    """The disclosure service over gRPC, of its subjects' methods."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[DisclosureTransaction],
        cases: CasesPeer,
        clock: Callable[[], datetime],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._cases = cases
        self._clock = clock


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    unit_of_work = UnitOfWork(parts.engine, make_transaction)
    services = pb.DESCRIPTOR.services_by_name
    return [
        Mount(
            add=pb_grpc.add_DisclosureServiceServicer_to_server,
            servicer=DisclosureServicer(unit_of_work, CasesPeer(parts.peer("cases")), parts.clock),
            descriptor=services["DisclosureService"],
            rules=RULES,
        ),
        Mount(
            add=pb_grpc.add_PublicServiceServicer_to_server,
            servicer=PublicServicer(unit_of_work),
            descriptor=services["PublicService"],
            rules=PUBLIC_RULES,
        ),
    ]


if __name__ == "__main__":
    run("disclosure", build, peers=("cases",))
