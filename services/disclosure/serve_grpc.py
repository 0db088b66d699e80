"""The gRPC process: ``python -m services.disclosure.serve_grpc``."""

from services.disclosure.publications.servicer import (
    PublicServicer,
    PublishingMethods,
)
from services.disclosure.register.servicer import RegisterMethods
from services.disclosure.review.cases_peer import CasesPeer
from services.disclosure.review.servicer import ReviewMethods
from services.disclosure.store import make_transaction
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc


class DisclosureServicer(ReviewMethods, RegisterMethods, PublishingMethods):
    """The disclosure service over gRPC, put together from its subjects' methods."""


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    unit_of_work: UnitOfWork[Transaction] = UnitOfWork(parts.engine, make_transaction)
    servicer = DisclosureServicer(unit_of_work, parts.clock, CasesPeer(parts.peer("cases")))
    return [
        Mount.of("DisclosureService", pb, pb_grpc, servicer),
        Mount.of("PublicService", pb, pb_grpc, PublicServicer(unit_of_work)),
    ]


if __name__ == "__main__":
    run("disclosure", build, peers=("cases",))
